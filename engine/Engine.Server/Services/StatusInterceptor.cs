using Engine.Server.Access;
using Engine.Server.Audit;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Engine.Server.Services;

/// <summary>
/// Turns exceptions into gRPC statuses (<see cref="CallStatus"/>; JSON transcoding turns those into HTTP statuses), and counts
/// and times calls.
/// </summary>
internal sealed partial class StatusInterceptor(ServerMetrics metrics, AuditTrail audit, TimeProvider time, ILogger<StatusInterceptor> logger) : Interceptor
{
    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        TResponse? reply = null;
        await Run(context, async () =>
        {
            WorkspaceGuard.Check(context, request);
            reply = AccessTable.Of(context.GetHttpContext()) is { Changes: true } rule
                ? await audit.Run(rule, context, request, () => continuation(request, context))
                : await continuation(request, context);
        });
        return reply!;
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Run(context, () =>
        {
            WorkspaceGuard.Check(context, request);
            return continuation(request, responseStream, context);
        });

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        Run(context, () => continuation(WorkspaceGuard.Guard(requestStream, context), responseStream, context));

    private async Task Run(ServerCallContext context, Func<Task> call)
    {
        var start = time.GetTimestamp();
        var status = StatusCode.OK;
        try
        {
            await call();
        }
        catch (Exception e)
        {
            status = CallStatus.CodeOf(e, context.CancellationToken);
            var request = context.GetHttpContext().TraceIdentifier;
            if (status == StatusCode.Internal)
            {
                LogFailed(e, context.Method, request);
            }

            throw e is RpcException known ? known : CallStatus.Of(e, status, request).ToRpcException();
        }
        finally
        {
            metrics.Answered(context.Method, status, time.GetElapsedTime(start));
        }
    }

    [LoggerMessage(LogLevel.Error, "{Method} failed (request {Request})")]
    private partial void LogFailed(Exception exception, string method, string request);
}
