using Engine.Protos.V1;
using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Server.Admission;
using Engine.Server.Shards;
using Engine.Server.Workspaces;
using Google.Protobuf.Collections;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>
/// Questions about users whose buckets other engines own. A snapshot that is not open yet is opened first, in its turn:
/// only then is it known whether it is a shard.
/// </summary>
internal sealed class Forwarding(ShardFront front, HeavyWork heavy)
{
    /// <summary>The shards of the served snapshot; null for an engine that answers alone, or for another one.</summary>
    public ShardSet? ShardsOf(Workspace workspace, ServerCallContext context)
    {
        if (!front.IsOn || ShardFront.IsPart(context))
        {
            return null;
        }

        using var lease = workspace.Acquire("");
        return front.Of(lease.Model.Snapshot, "", context);
    }

    /// <summary>Asks an owner of a user's bucket, unless this engine has it.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="snapshotId">As the request names it.</param>
    /// <param name="user">The user.</param>
    /// <param name="context">Of the call.</param>
    /// <param name="call">Asks an owner, about the snapshot of an id.</param>
    /// <param name="here">Answers on this engine.</param>
    public Task<T> AskOwner<T>(
        Workspace workspace,
        string snapshotId,
        string user,
        ServerCallContext context,
        Func<Recommender.RecommenderClient, string, CallOptions, Task<T>> call,
        Func<Task<T>> here)
    {
        return Opened(workspace, snapshotId, context, Ask, here);

        Task<T> Ask()
        {
            using var lease = workspace.Acquire(snapshotId);
            var snapshot = lease.Model.Snapshot;
            return front.IsForeign(snapshot, snapshotId, user) && front.Of(snapshot, snapshotId, context) is { } shards
                ? shards.AskOwner(user, (owner, id, options) => call(new(owner), id, options))
                : here();
        }
    }

    /// <summary>Asks owners of some users' buckets, unless this engine has all of them.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="snapshotId">As the request names it.</param>
    /// <param name="users">The users.</param>
    /// <param name="context">Of the call.</param>
    /// <param name="ask">Asks the owners.</param>
    /// <param name="here">Answers on this engine.</param>
    public Task<T> AskOwners<T>(
        Workspace workspace,
        string snapshotId,
        RepeatedField<string> users,
        ServerCallContext context,
        Func<ShardSet, ScoringModel, Task<T>> ask,
        Func<Task<T>> here)
    {
        return Opened(workspace, snapshotId, context, Ask, here);

        Task<T> Ask()
        {
            var pin = workspace.Pin(snapshotId);
            if (front.Of(pin.Model.Snapshot, snapshotId, context) is { } shards
                && !users.All(pin.Model.Snapshot.Owns))
            {
                return AskThem(shards, pin);
            }

            pin.Dispose();
            return here();
        }

        async Task<T> AskThem(ShardSet shards, ModelPin pin)
        {
            using (pin)
            {
                return await ask(shards, pin.Model);
            }
        }
    }

    private Task<T> Opened<T>(
        Workspace workspace, string snapshotId, ServerCallContext context, Func<Task<T>> ask, Func<Task<T>> here)
    {
        return !front.IsOn || ShardFront.IsPart(context) ? here()
            : workspace.IsOpen(snapshotId) ? ask()
            : Open();

        async Task<T> Open()
        {
            // Pinned, so that it is still open when it is asked.
            using var pin = await heavy.Run(() => workspace.Pin(snapshotId), context.CancellationToken);
            return await ask();
        }
    }
}
