using Google.Protobuf;
using Grpc.Core;

namespace Engine.Server.Access;

/// <summary>
/// Checks the workspace that a message names, once the message has been read. Costs nothing when callers need no key.
/// </summary>
internal static class WorkspaceGuard
{
    /// <summary>Checks a message of a gRPC or JSON call.</summary>
    /// <exception cref="RpcException">
    /// PERMISSION_DENIED: the caller may not do this there. UNAUTHENTICATED: its key was revoked.
    /// </exception>
    public static void Check<TRequest>(ServerCallContext context, TRequest request)
        where TRequest : class
    {
        if (Field<TRequest>.Workspace is { } workspace)
        {
            Check(context.GetHttpContext(), workspace(request));
        }
    }

    /// <summary>Checks a request to a plain route.</summary>
    /// <exception cref="RpcException">As above.</exception>
    public static void Check(HttpContext http, string workspace)
    {
        if (Caller.Of(http) is not { } caller || AccessTable.Of(http) is not { } rule || rule.Scope == Scopes.None)
        {
            return;
        }

        var named = workspace.Length == 0 ? Engine.Snapshots.SnapshotDirectory.DefaultWorkspace : workspace;
        if (caller.IsRevoked)
        {
            throw Gone(caller, "was revoked");
        }

        if (!caller.May(rule.Scope, named))
        {
            throw new RpcException(
                new Status(StatusCode.PermissionDenied, ScopeAuthorization.Denied(caller, rule, named)));
        }
    }

    /// <summary>
    /// What is checked before each message of an open stream is sent; null when nobody needs a key. It throws
    /// UNAUTHENTICATED when the caller's key was revoked or has expired.
    /// </summary>
    public static Action<DateTimeOffset>? KeyCheck(HttpContext http) =>
        Caller.Of(http) is { } caller ? now => CheckKey(caller, now) : null;

    /// <summary>Checks every message of a stream.</summary>
    public static IAsyncStreamReader<TRequest> Guard<TRequest>(
        IAsyncStreamReader<TRequest> requests, ServerCallContext context)
        where TRequest : class =>
            Caller.Of(context.GetHttpContext()) is null ? requests : new Guarded<TRequest>(requests, context);

    private static void CheckKey(Caller caller, DateTimeOffset now)
    {
        if (caller.IsRevoked || caller.Expires <= now)
        {
            throw Gone(caller, caller.IsRevoked ? "was revoked" : "has expired");
        }
    }

    private static RpcException Gone(Caller caller, string how) => new(
        new Status(StatusCode.Unauthenticated, $"the key of '{caller.Name}' {how} while this call was open"));

    private sealed class Guarded<TRequest>(IAsyncStreamReader<TRequest> requests, ServerCallContext context)
        : IAsyncStreamReader<TRequest>
        where TRequest : class
    {
        public TRequest Current => requests.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var hasMore = await requests.MoveNext(cancellationToken);
            if (hasMore)
            {
                Check(context, requests.Current);
            }

            return hasMore;
        }
    }

    // One delegate a type: no reflection and no allocation in a call.
    private static class Field<TRequest>
        where TRequest : class
    {
        public static readonly Func<TRequest, string>? Workspace =
            typeof(IMessage).IsAssignableFrom(typeof(TRequest))
            && typeof(TRequest).GetProperty("Workspace") is { } property && property.PropertyType == typeof(string)
                ? property.GetMethod!.CreateDelegate<Func<TRequest, string>>()
                : null;
    }
}
