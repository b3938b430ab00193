using System.Globalization;
using System.Text;
using Engine.Server.Admission;
using Engine.Server.Errors;
using Engine.Server.Json;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace Engine.Server.Access;

/// <summary>
/// Answers a request that gets no further, in the form that its client reads: gRPC trailers, or the JSON of a status.
/// </summary>
internal sealed class Refusal(ServerMetrics metrics)
{
    /// <summary>Writes the answer and counts the call.</summary>
    /// <param name="http">The request.</param>
    /// <param name="code">Why.</param>
    /// <param name="message">Found, expected, what to do.</param>
    /// <param name="httpStatus">Over HTTP/JSON, if not the usual one of the code.</param>
    /// <param name="retryAfter">When to try again, for clients that can wait.</param>
    public Task Write(
        HttpContext http, StatusCode code, string message, int? httpStatus = null, TimeSpan? retryAfter = null)
    {
        var status = new Status { Code = (int)code, Message = message };
        if (retryAfter is { } wait)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(wait) }));
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        status.Details.Add(Any.Pack(new RequestInfo { RequestId = http.TraceIdentifier }));
        return Write(http, status, httpStatus);
    }

    /// <summary>The same for an error that was not thrown.</summary>
    public Task Write(HttpContext http, InputException error) =>
        Write(
            http,
            CallStatus.Of(error, CallStatus.CodeOf(error, CancellationToken.None), http.TraceIdentifier),
            httpStatus: null);

    private async Task Write(HttpContext http, Status status, int? httpStatus)
    {
        var (code, response) = ((StatusCode)status.Code, http.Response);
        metrics.Answered(AccessTable.Of(http)?.Call ?? "unknown", code, TimeSpan.Zero);
        if (MessageFrames.IsGrpc(http.Request))
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = status.Code.ToString(CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] = Escape(status.Message);
            response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(status.ToByteArray());
            await response.CompleteAsync();
            return;
        }

        response.StatusCode = httpStatus ?? CallStatus.HttpOf(code);
        await StrictJson.Write(http, status);
    }

    // grpc-message is UTF-8 with percent signs, as the gRPC protocol has it: space to tilde stand for themselves, but
    // not '%'.
    private static string Escape(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var letter in Encoding.UTF8.GetBytes(message))
        {
            _ = letter is >= 0x20 and < 0x7F and not (byte)'%'
                ? text.Append((char)letter)
                : text.Append(CultureInfo.InvariantCulture, $"%{letter:X2}");
        }

        return text.ToString();
    }
}
