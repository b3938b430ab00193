using System.Buffers;
using System.Globalization;
using System.Text;
using Engine.Server.Admission;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;

namespace Engine.Server.Json;

/// <summary>
/// Stands before JSON transcoding: checks the query parameters and the body of a transcoded call, and hands them on in
/// the canonical form.
/// </summary>
internal sealed class StrictJson(RequestDelegate next, ServerMetrics metrics, RequestBounds bounds, TimeProvider time)
{
    /// <summary>The media type of requests as nearly all of them write it.</summary>
    public const string MediaType = "application/json";

    /// <summary>The media type of streams: one JSON object a line.</summary>
    private const string NewlineDelimited = "application/x-ndjson";

    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithTypeRegistry(Registry));

    /// <summary>The messages in the details of a status.</summary>
    public static TypeRegistry Registry =>
        TypeRegistry.FromMessages(Google.Rpc.BadRequest.Descriptor, Google.Rpc.RetryInfo.Descriptor);

    /// <summary>Runs the middleware.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is not { } call)
        {
            await next(http);
            return;
        }

        var start = time.GetTimestamp();
        try
        {
            var hasBody = call.HttpRule.Body.Length > 0;
            CheckQuery(http.Request, call.MethodDescriptor.InputType, hasBody, call.HttpRule);
            var message = hasBody || await HasBytes(http.Request, http.RequestAborted)
                ? await ReadBody(http.Request, call.MethodDescriptor.InputType, bounds, http.RequestAborted)
                : null;
            if (!hasBody && message?.CalculateSize() > 0)
            {
                throw new InputException(
                    $"found fields in the body, expected them in the query: {http.Request.Method} "
                    + $"{http.Request.Path} reads no body");
            }

            if (hasBody)
            {
                var canonical = Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message));
                http.Request.Body = new MemoryStream(canonical, writable: false);
                http.Request.ContentLength = canonical.Length;
            }
        }
        catch (Exception e) when (e is InputException or RpcException or BadHttpRequestException
            or OutOfMemoryException)
        {
            var status = await Refuse(http, e);
            metrics.Answered(
                $"/{call.MethodDescriptor.Service.FullName}/{call.MethodDescriptor.Name}",
                status,
                time.GetElapsedTime(start));
            return;
        }

        if (call.MethodDescriptor.IsServerStreaming)
        {
            // Transcoding writes one JSON object a line; an error before the first one is one JSON document.
            http.Response.OnStarting(static state =>
            {
                var response = (HttpResponse)state;
                response.ContentType = response.StatusCode == StatusCodes.Status200OK
                    ? NewlineDelimited
                    : response.ContentType;
                return Task.CompletedTask;
            }, http.Response);
        }

        await next(http);
    }

    /// <summary>Answers with the status of an exception, in the form of JSON transcoding.</summary>
    public static async Task<StatusCode> Refuse(HttpContext http, Exception exception)
    {
        var code = exception is BadHttpRequestException
            ? StatusCode.ResourceExhausted
            : CallStatus.CodeOf(exception, http.RequestAborted);
        var error = exception is BadHttpRequestException
            ? new InputException(
                $"the request body is too large or incomplete ({exception.Message}). "
                + "Send less, or raise --request-mebibytes")
            : exception;
        http.Response.StatusCode = exception is BadHttpRequestException body
            ? body.StatusCode
            : CallStatus.HttpOf(code);
        await Write(http, CallStatus.Of(error, code, http.TraceIdentifier));
        return code;
    }

    /// <summary>Writes a status as the body of an answer.</summary>
    public static Task Write(HttpContext http, Google.Rpc.Status status)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(Formatter.Format(status), http.RequestAborted);
    }

    /// <summary>
    /// Checks the query parameters, which a call without a body takes its fields from, and makes them canonical.
    /// </summary>
    /// <exception cref="FieldException">
    /// A parameter is no field, cannot hold its value, is given twice or in the path, too, or stands beside a body.
    /// </exception>
    public static void CheckQuery(HttpRequest request, MessageDescriptor type, bool hasBody, HttpRule? rule = null)
    {
        if (request.Query.Count == 0)
        {
            return;
        }

        var canonical = new List<KeyValuePair<string, string?>>();
        foreach (var (name, values) in request.Query)
        {
            if (hasBody)
            {
                throw new FieldException(
                    name, $"found the query parameter '{name}', expected all fields in the JSON body");
            }

            if (!JsonRequest.FieldsOf(type).TryGetValue(name, out var field))
            {
                throw JsonRequest.UnknownField(name, name, type);
            }

            if (rule is not null && $"{rule.Get}{rule.Delete}{rule.Post}".Contains(
                $"{{{field.Name}}}", StringComparison.Ordinal))
            {
                throw new FieldException(name, $"found {name} in the query, expected it in the path alone");
            }

            var value = values is [{ } one]
                ? one
                : throw new FieldException(name, $"found {name} {values.Count} times, expected it once");
            if (canonical.Exists(other => other.Key == field.Name))
            {
                throw new FieldException(name, $"found {field.Name} twice, expected it once");
            }

            var isText = !int.TryParse(value, out _);
            canonical.Add(
                new(
                    field.Name,
                    Convert.ToString(
                        JsonValues.Of(value, isText, field, () => field.Name), CultureInfo.InvariantCulture)));
        }

        request.QueryString = QueryString.Create(canonical);
    }

    /// <summary>The message of a request's body.</summary>
    /// <exception cref="InputException">
    /// The body is not a JSON document of the message, not sent as one, or out of its bounds.
    /// </exception>
    public static async ValueTask<IMessage> ReadBody(
        HttpRequest request, MessageDescriptor type, RequestBounds bounds, CancellationToken cancellation)
    {
        var isPlain = request.ContentType == MediaType;
        if (!isPlain && !request.HasJsonContentType())
        {
            throw new InputException($"found Content-Type '{request.ContentType}', expected application/json");
        }

        if (!isPlain && request.GetTypedHeaders().ContentType?.Charset is { Length: > 0 } charset
            && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new InputException($"found charset '{charset}' in Content-Type, expected utf-8");
        }

        if (request.Headers.ContentEncoding is [{ } encoding, ..]
            && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new InputException($"found Content-Encoding '{encoding}', expected none: send the body as it is");
        }

        var read = await request.BodyReader.ReadAsync(cancellation);
        while (!read.IsCompleted)
        {
            bounds.CheckBytes(read.Buffer.Length, type);
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await request.BodyReader.ReadAsync(cancellation);
        }

        try
        {
            bounds.CheckBytes(read.Buffer.Length, type);
            return type == Protos.V1.RecommendRequest.Descriptor
                && RecommendJsonReader.TryRead(read.Buffer, bounds.MostElements) is { } usual
                    ? usual
                    : JsonRequest.Read(WithoutMark(read.Buffer), type, bounds.MostElements);
        }
        finally
        {
            // Also after an error: a reader that is left in the middle makes the server close the connection without a
            // word.
            request.BodyReader.AdvanceTo(read.Buffer.End);
        }
    }

    // Nothing of them is consumed.
    private static async ValueTask<bool> HasBytes(HttpRequest request, CancellationToken cancellation)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
        {
            return false;
        }

        var read = await request.BodyReader.ReadAsync(cancellation);
        request.BodyReader.AdvanceTo(read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }

    // A byte order mark is no JSON, but editors write it.
    private static ReadOnlySequence<byte> WithoutMark(ReadOnlySequence<byte> body)
    {
        var reader = new SequenceReader<byte>(body);
        return reader.IsNext([0xEF, 0xBB, 0xBF]) ? body.Slice(3) : body;
    }
}
