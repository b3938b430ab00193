using Engine.Client.Balancing;
using Grpc.Core;
using Proto = Engine.Protos.V1;

namespace Engine.Client.Calls;

/// <summary>
/// Gives every call its key, its user's hash and a deadline, and keeps answers from going back in time.
/// </summary>
/// <param name="calls">The way to the engines.</param>
/// <param name="nodes">The engines.</param>
/// <param name="key">Empty when none is needed.</param>
/// <param name="deadline">Of a unary call without one.</param>
/// <param name="refuseOlder">Whether a call fails when all engines answer from an older snapshot.</param>
/// <param name="time">The clock of deadlines.</param>
internal sealed class EngineCalls(
    CallInvoker calls, EngineNodes nodes, string key, TimeSpan deadline, bool refuseOlder, TimeProvider time)
    : CallInvoker
{
    private static readonly string Questions = Proto.Recommender.Descriptor.FullName;
    private readonly SeenSnapshots _seen = new();

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions call, TRequest request) =>
        AsyncUnaryCall(method, host, call, request).ResponseAsync.GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions call, TRequest request)
    {
        request = Repeatable(request);
        call = With(call, request);
        if (call.Deadline is null)
        {
            call = call.WithDeadline(time.GetUtcNow().UtcDateTime + deadline);
        }

        // An answer from a snapshot that the request names is what the caller wants, however old it is.
        var asked = new AskedEngines();
        return method.ServiceName != Questions || CallFacts.Snapshot(request).Length > 0
            ? Ask()
            : new CurrentAnswer<TResponse>(
                Ask, (reply, passed, sent) => Pass(reply, CallFacts.Workspace(request), passed, sent)).Call;

        AsyncUnaryCall<TResponse> Ask() => asked.Around(() => calls.AsyncUnaryCall(method, host, call, request));
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions call, TRequest request) =>
        new AskedEngines().Around(() =>
            calls.AsyncServerStreamingCall(method, host, With(call, request), request));

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions call) =>
        calls.AsyncClientStreamingCall(method, host, With(call, null));

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions call) =>
        calls.AsyncDuplexStreamingCall(method, host, With(call, null));

    // Events are appended once however often they are sent, when their batch has an id.
    private static TRequest Repeatable<TRequest>(TRequest request)
    {
        if (request is not Proto.PutEventsRequest { BatchId: "" } put)
        {
            return request;
        }

        var named = put.Clone();
        named.BatchId = Guid.NewGuid().ToString("N");
        return (TRequest)(object)named;
    }

    private CallOptions With(CallOptions call, object? request)
    {
        var headers = new Metadata();
        foreach (var header in call.Headers ?? [])
        {
            headers.Add(header);
        }

        if (key.Length > 0)
        {
            headers.Add("authorization", $"Bearer {key}");
        }

        headers.Add(
            CallHeaders.User,
            request is not null && CallFacts.User(request) is { Length: > 0 } user
                ? RendezvousOrder.UserHash(CallFacts.Workspace(request), user)
                : RendezvousOrder.CallHash());
        return call.WithHeaders(headers);
    }

    // When all engines have answered from older snapshots, they were rolled back.
    private int? Pass(object reply, string workspace, int passed, long sent)
    {
        var id = CallFacts.Snapshot(reply);
        if (_seen.Accept(workspace, id))
        {
            return null;
        }

        passed += _seen.IsSeenBefore(workspace, sent) ? 1 : 0;
        if (passed == 0 || passed < nodes.Connected.Count)
        {
            return passed;
        }

        if (refuseOlder)
        {
            throw new RpcException(new Status(
                StatusCode.Unavailable,
                $"every engine answers workspace '{workspace}' from an older snapshot than was seen before, "
                + $"such as {id}. Publish the newer one everywhere, or set RefuseOlder to false to follow a rollback"));
        }

        _seen.Follow(workspace, id);
        return null;
    }
}
