using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Shards;
using Engine.Server.Workspaces;
using Google.Protobuf.Collections;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>
/// Questions about users whose buckets other engines own. Names of snapshots that are not open are looked up here.
/// </summary>
internal static class Forwarding
{
    /// <summary>What an owner of a user's bucket says; null when the question is answered here.</summary>
    public static Task<T>? AskOwner<T>(
        ShardFront front,
        Workspace workspace,
        string snapshotId,
        string user,
        ServerCallContext context,
        Func<Recommender.RecommenderClient, string, CallOptions, AsyncUnaryCall<T>> call)
    {
        if (!front.IsOn || !workspace.IsOpen(snapshotId))
        {
            return null;
        }

        using var lease = workspace.Acquire(snapshotId);
        var snapshot = lease.Model.Snapshot;
        return front.IsForeign(snapshot, snapshotId, user)
            ? front.Of(snapshot, snapshotId, context)?.AskOwner(
                user, (owner, id, options) => call(new(owner), id, options).ResponseAsync)
            : null;
    }

    /// <summary>What the owners of some users' buckets say; null when this engine has all of them.</summary>
    public static Task<T>? AskOwners<T>(
        ShardFront front,
        Workspace workspace,
        string snapshotId,
        RepeatedField<string> users,
        ServerCallContext context,
        Func<ShardSet, ScoringModel, Task<T>> ask)
    {
        if (!front.IsOn || !workspace.IsOpen(snapshotId))
        {
            return null;
        }

        var pin = workspace.Pin(snapshotId);
        if (front.Of(pin.Model.Snapshot, snapshotId, context) is { } shards && !users.All(pin.Model.Snapshot.Owns))
        {
            return Ask();
        }

        pin.Dispose();
        return null;

        async Task<T> Ask()
        {
            using (pin)
            {
                return await ask(shards, pin.Model);
            }
        }
    }
}
