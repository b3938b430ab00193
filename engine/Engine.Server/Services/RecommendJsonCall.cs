using System.Buffers;
using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Errors;
using Engine.Server.Json;
using Engine.Server.Replies;
using Engine.Server.Workspaces;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>
/// Recommend over HTTP/JSON, before JSON transcoding would answer it: the same documents, read once and written
/// straight from the mapped snapshot.
/// </summary>
internal sealed partial class RecommendJsonCall(
    RequestDelegate next,
    EncodedRecommend recommend,
    RequestBounds bounds,
    UnreadReplies unread,
    ServerMetrics metrics,
    TimeProvider time,
    ILogger<RecommendJsonCall> logger)
{
    private static readonly MethodDescriptor Method = Recommender.Descriptor.FindMethodByName(nameof(Recommend));
    private static readonly string Name = $"/{Method.Service.FullName}/{Method.Name}";

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>()?.MethodDescriptor == Method
            ? Recommend(http)
            : next(http);

    private async Task Recommend(HttpContext http)
    {
        var start = time.GetTimestamp();
        var status = StatusCode.OK;
        try
        {
            StrictJson.CheckQuery(http.Request, Method.InputType, hasBody: true);
            var request =
                (RecommendRequest)await StrictJson.ReadBody(
                    http.Request, Method.InputType, bounds, CancellationToken.None);
            WorkspaceGuard.Check(http, request.Workspace);
            var reply = recommend.TryAnswer(request, ReplyForm.Json, out var clock)
                ?? await recommend.Queue(
                    request, ReplyForm.Json, clock, http.Request.Headers.Authorization, http.RequestAborted);
            unread.Hold(http, reply.Bytes.Length);
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.ContentLength = reply.Bytes.Length;
            http.Response.BodyWriter.Write(reply.Bytes.Span);
            reply.Return();
        }
        catch (Exception e)
        {
            status = CallStatus.CodeOf(e, http.RequestAborted);
            if (status == StatusCode.Internal)
            {
                LogFailed(e, Name, http.TraceIdentifier);
            }

            if (http.Response.HasStarted)
            {
                throw;
            }

            status = await StrictJson.Refuse(http, e);
        }
        finally
        {
            metrics.Answered(Name, status, time.GetElapsedTime(start));
        }
    }

    [LoggerMessage(LogLevel.Error, "{Method} failed (request {Request})")]
    private partial void LogFailed(Exception exception, string method, string request);
}
