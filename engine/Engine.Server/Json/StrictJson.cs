using System.Buffers;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;

namespace Engine.Server.Json;

/// <summary>
/// Stands before JSON transcoding: checks the query parameters and the body of a transcoded call, and hands them on in the
/// canonical form.
/// </summary>
internal sealed class StrictJson(RequestDelegate next, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>The media type of streams: one JSON object a line.</summary>
    private const string NewlineDelimited = "application/x-ndjson";

    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithTypeRegistry(Registry));

    /// <summary>The messages in the details of a status.</summary>
    public static TypeRegistry Registry => TypeRegistry.FromMessages(Google.Rpc.BadRequest.Descriptor, Google.Rpc.RetryInfo.Descriptor);

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
            CheckQuery(http.Request, call.MethodDescriptor.InputType, hasBody);
            if (hasBody)
            {
                await Rewrite(http.Request, call.MethodDescriptor.InputType, http.RequestAborted);
            }
        }
        catch (Exception e) when (e is InputException or BadHttpRequestException)
        {
            var status = await Refuse(http, e);
            metrics.Answered($"/{call.MethodDescriptor.Service.FullName}/{call.MethodDescriptor.Name}", status, time.GetElapsedTime(start));
            return;
        }

        if (call.MethodDescriptor.IsServerStreaming)
        {
            // Transcoding writes one JSON object a line; an error before the first one is one JSON document.
            http.Response.OnStarting(static state =>
            {
                var response = (HttpResponse)state;
                response.ContentType = response.StatusCode == StatusCodes.Status200OK ? NewlineDelimited : response.ContentType;
                return Task.CompletedTask;
            }, http.Response);
        }

        await next(http);
    }

    /// <summary>Answers with the status of an exception, in the form of JSON transcoding.</summary>
    public static async Task<StatusCode> Refuse(HttpContext http, Exception exception)
    {
        var code = exception is BadHttpRequestException ? StatusCode.ResourceExhausted : CallStatus.CodeOf(exception, http.RequestAborted);
        var error = exception is BadHttpRequestException
            ? new InputException($"the request body is too large or incomplete ({exception.Message}). Send less, or raise --request-mebibytes")
            : exception;
        http.Response.StatusCode = CallStatus.HttpOf(code);
        await Write(http, CallStatus.Of(error, code, http.TraceIdentifier));
        return code;
    }

    /// <summary>Writes a status as the body of an answer.</summary>
    public static Task Write(HttpContext http, Google.Rpc.Status status)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(Formatter.Format(status), http.RequestAborted);
    }

    private static void CheckQuery(HttpRequest request, MessageDescriptor type, bool hasBody)
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
                throw new FieldException(name, $"found the query parameter '{name}', expected all fields in the JSON body");
            }

            if (!CanonicalJson.FieldsOf(type).TryGetValue(name, out var field))
            {
                throw CanonicalJson.UnknownField(name, name, type);
            }

            var value = values is [{ } one] ? one : throw new FieldException(name, $"found {name} {values.Count} times, expected it once");
            canonical.Add(new(name, JsonValues.Canonical(value, !int.TryParse(value, out _), field, field.Name)));
        }

        request.QueryString = QueryString.Create(canonical);
    }

    private static async Task Rewrite(HttpRequest request, MessageDescriptor type, CancellationToken cancellation)
    {
        if (!request.HasJsonContentType())
        {
            throw new InputException($"found Content-Type '{request.ContentType}', expected application/json");
        }

        if (request.GetTypedHeaders().ContentType?.Charset is { Length: > 0 } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new InputException($"found charset '{charset}' in Content-Type, expected utf-8");
        }

        var read = await request.BodyReader.ReadAsync(cancellation);
        while (!read.IsCompleted)
        {
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await request.BodyReader.ReadAsync(cancellation);
        }

        var body = CanonicalJson.Of(WithoutMark(read.Buffer), type);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        request.Body = new MemoryStream(body.ToArray(), writable: false);
        request.ContentLength = body.Length;
    }

    // A byte order mark is no JSON, but editors write it.
    private static ReadOnlySequence<byte> WithoutMark(ReadOnlySequence<byte> body)
    {
        var reader = new SequenceReader<byte>(body);
        return reader.IsNext([0xEF, 0xBB, 0xBF]) ? body.Slice(3) : body;
    }
}
