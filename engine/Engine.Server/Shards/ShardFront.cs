using Engine.Snapshots;
using Grpc.Core;

namespace Engine.Server.Shards;

/// <summary>
/// An engine that serves a shard and knows the owners of the others answers for all: it forwards questions about a user
/// and scatters those about many. A request that names the id of the shard itself is about that shard alone.
/// </summary>
internal sealed class ShardFront(ShardCalls calls)
{
    /// <summary>The header of a call from another engine: it is about one shard alone.</summary>
    public const string Header = "engine-shard";

    /// <summary>Whether another engine asks, for some of its caller's users.</summary>
    public static bool IsPart(ServerCallContext context) => context.RequestHeaders.Get(Header) is not null;

    /// <summary>Whether the owners are known.</summary>
    public bool IsOn => calls.IsOn;

    /// <summary>All shards, when a request to this snapshot is to be scattered; else null.</summary>
    public ShardSet? Of(Snapshot snapshot, string snapshotId, string? authorization, CancellationToken cancellation) =>
        calls.IsOn && snapshot.Shard is { } shard && (snapshotId.Length == 0 || snapshotId != snapshot.Id)
            ? new ShardSet(calls, shard, authorization, cancellation)
            : null;

    /// <summary>The same for a call of gRPC.</summary>
    public ShardSet? Of(Snapshot snapshot, string snapshotId, ServerCallContext context) =>
        IsPart(context)
            ? null
            : Of(snapshot, snapshotId, context.RequestHeaders.GetValue("authorization"), context.CancellationToken);

    /// <summary>Whether a question about a user is to be forwarded.</summary>
    public bool IsForeign(Snapshot snapshot, string snapshotId, string user) =>
        calls.IsOn && snapshot.Shard is not null && user.Length > 0 && snapshotId != snapshot.Id
        && !snapshot.Owns(user);
}
