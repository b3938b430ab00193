using System.Diagnostics.CodeAnalysis;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Audit;
using Engine.Server.Errors;
using Engine.Server.Replies;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Engine.Server.Services;

/// <summary>
/// Turns exceptions into gRPC statuses (<see cref="CallStatus"/>; JSON transcoding turns those into HTTP statuses), and
/// counts and times calls.
/// </summary>
internal sealed partial class StatusInterceptor(
    ServerMetrics metrics,
    AuditTrail audit,
    UnreadReplies unread,
    TimeProvider time,
    ILogger<StatusInterceptor> logger) : Interceptor
{
    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "It is handed on in the task of the call.")]
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        // A call that is answered at once, as most are, is handed on without a task of its own.
        var start = time.GetTimestamp();
        Task<TResponse> call;
        try
        {
            call = Begin(request, context, continuation);
        }
        catch (Exception e)
        {
            return Task.FromException<TResponse>(Failed(e, context, start));
        }

        if (!call.IsCompletedSuccessfully || BytesOf(call.Result) > UnreadReplies.Free)
        {
            return call.IsFaulted
                ? Task.FromException<TResponse>(Failed(FaultOf(call), context, start))
                : Finish(call, context, start);
        }

        metrics.Answered(context.Method, StatusCode.OK, time.GetElapsedTime(start));
        return call;
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

    // A method of its own: its closure is for calls that change something.
    private Task<TResponse> Audited<TRequest, TResponse>(
        CallRule rule, TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        where TRequest : class
        where TResponse : class =>
        audit.Run(rule, context, request, () => continuation(request, context));

    private Task<TResponse> Begin<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        where TRequest : class
        where TResponse : class
    {
        WorkspaceGuard.Check(context, request);
        return AccessTable.Of(context.GetHttpContext()) is { Changes: true } rule
            ? Audited(rule, request, context, continuation)
            : continuation(request, context);
    }

    private async Task<TResponse> Finish<TResponse>(Task<TResponse> call, ServerCallContext context, long start)
    {
        await ((Task)call).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!call.IsCompletedSuccessfully)
        {
            throw Failed(FaultOf(call), context, start);
        }

        var reply = await call;
        try
        {
            unread.Hold(context.GetHttpContext(), BytesOf(reply));
        }
        catch (ExhaustedException e)
        {
            throw Failed(e, context, start);
        }

        metrics.Answered(context.Method, StatusCode.OK, time.GetElapsedTime(start));
        return reply;
    }

    // An exception that is looked at, not thrown again: a throw costs some ten microseconds for each level of a call,
    // and a burst of refused calls would delay those of others.
    private static Exception FaultOf(Task call) => call.Exception?.InnerException ?? new TaskCanceledException(call);

    private static int BytesOf<TResponse>(TResponse reply) => reply switch
    {
        EncodedReply encoded => encoded.Bytes.Length,
        IMessage message => message.CalculateSize(),
        _ => 0,
    };

    private async Task Run(ServerCallContext context, Func<Task> call)
    {
        var start = time.GetTimestamp();
        try
        {
            await call();
        }
        catch (Exception e)
        {
            throw Failed(e, context, start);
        }

        metrics.Answered(context.Method, StatusCode.OK, time.GetElapsedTime(start));
    }

    private RpcException Failed(Exception exception, ServerCallContext context, long start)
    {
        var status = CallStatus.CodeOf(exception, context.CancellationToken);
        var request = context.GetHttpContext().TraceIdentifier;
        if (status == StatusCode.Internal)
        {
            LogFailed(exception, context.Method, request);
        }

        metrics.Answered(context.Method, status, time.GetElapsedTime(start));
        return exception as RpcException ?? CallStatus.Of(exception, status, request).ToRpcException();
    }

    [LoggerMessage(LogLevel.Error, "{Method} failed (request {Request})")]
    private partial void LogFailed(Exception exception, string method, string request);
}
