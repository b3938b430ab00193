using Engine.Scoring.Hosting;
using Engine.Scoring.Ids;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Engine.Snapshots.Format;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Engine.Server.Services;

/// <summary>
/// The one place where exceptions become gRPC statuses (and, by JSON transcoding, HTTP statuses), and where calls are counted
/// and timed.
/// </summary>
internal sealed partial class StatusInterceptor(ServerMetrics metrics, TimeProvider time, ILogger<StatusInterceptor> logger) : Interceptor
{
    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        TResponse? reply = null;
        await Run(context, async () => reply = await continuation(request, context));
        return reply!;
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Run(context, () => continuation(request, responseStream, context));

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        Run(context, () => continuation(requestStream, responseStream, context));

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
            status = e is RpcException known ? known.StatusCode : CodeOf(e, context.CancellationToken);
            if (status == StatusCode.Internal)
            {
                LogFailed(e, context.Method);
            }

            throw new RpcException(new Status(status, status == StatusCode.Internal ? "the engine failed; its log says why" : e is RpcException rpc ? rpc.Status.Detail : e.Message));
        }
        finally
        {
            metrics.Answered(context.Method, status, time.GetElapsedTime(start));
        }
    }

    private static StatusCode CodeOf(Exception exception, CancellationToken cancellation) => exception switch
    {
        UnknownIdException or NotFoundException => StatusCode.NotFound,
        NotServingException or NoSnapshotException => StatusCode.Unavailable,
        SnapshotFormatException or StateException => StatusCode.FailedPrecondition,
        InputException => StatusCode.InvalidArgument,
        OperationCanceledException => StatusCode.Cancelled,
        _ when cancellation.IsCancellationRequested => StatusCode.Cancelled,
        _ => StatusCode.Internal,
    };

    [LoggerMessage(LogLevel.Error, "{Method} failed")]
    private partial void LogFailed(Exception exception, string method);
}
