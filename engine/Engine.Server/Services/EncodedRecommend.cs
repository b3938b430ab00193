using Engine.Protos.V1;
using Engine.Server.Admission;
using Engine.Server.Contract;
using Engine.Server.Replies;
using Engine.Server.Shards;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>
/// Recommend into a pooled reply: a light request at once, on the thread it came with; a heavy one in its turn.
/// </summary>
internal sealed class EncodedRecommend(
    WorkspaceRegistry workspaces, HeavyWork heavy, ShardFront front, TimeProvider time)
{
    /// <summary>Answers a light request. Allocates nothing after warm-up.</summary>
    /// <param name="request">The request.</param>
    /// <param name="form">Which form of the reply to write.</param>
    /// <param name="clock">Measures the call, its time in the queue included.</param>
    /// <returns>Null when the request is heavy, or another engine's: <see cref="Queue"/> it.</returns>
    public EncodedReply? TryAnswer(RecommendRequest request, ReplyForm form, out CallClock clock)
    {
        clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        if (!workspace.IsOpen(request.SnapshotId))
        {
            return null;
        }

        using var lease = workspace.Acquire(request.SnapshotId);
        if (front.IsForeign(lease.Model.Snapshot, request.SnapshotId, request.UserId)
            || CallCost.IsHeavy(lease.Model, workspace.Catalog, request))
        {
            return null;
        }

        // It ends before anybody could cancel it.
        var reply = EncodedReply.Rent();
        RecommendCall.Answer(lease.Model, workspace.Catalog, request, clock, form.WriterOf(reply));
        workspace.Recent.Offer(request, request.SnapshotId);
        return reply;
    }

    /// <summary>Answers a heavy request, or forwards it to the owner of the user's bucket.</summary>
    /// <param name="request">The request.</param>
    /// <param name="form">Which form of the reply to write.</param>
    /// <param name="clock">Of <see cref="TryAnswer"/>.</param>
    /// <param name="authorization">What the caller gave for its rights; an owner sees it too.</param>
    /// <param name="cancellation">The caller has gone.</param>
    /// <exception cref="Errors.ExhaustedException">Too many heavy calls wait.</exception>
    public async Task<EncodedReply> Queue(
        RecommendRequest request,
        ReplyForm form,
        CallClock clock,
        string? authorization,
        CancellationToken cancellation)
    {
        var workspace = workspaces.Get(request.Workspace);
        var (reply, shards) = ((EncodedReply?)null, Elsewhere());
        if (shards is null)
        {
            (reply, shards) = await heavy.Run(Answer, cancellation);
        }

        return reply ?? form.Of(await shards!.AskOwner(request.UserId, Recommend));

        // What another engine answers needs no turn here. A snapshot that is not open yet is opened in its turn.
        ShardSet? Elsewhere()
        {
            if (!front.IsOn || !workspace.IsOpen(request.SnapshotId))
            {
                return null;
            }

            using var lease = workspace.Acquire(request.SnapshotId);
            return OwnersOf(lease.Model.Snapshot);
        }

        ShardSet? OwnersOf(Snapshot snapshot) => front.IsForeign(snapshot, request.SnapshotId, request.UserId)
            ? front.Of(snapshot, request.SnapshotId, authorization, cancellation)
            : null;

        (EncodedReply?, ShardSet?) Answer()
        {
            using var lease = workspace.Acquire(request.SnapshotId);
            if (OwnersOf(lease.Model.Snapshot) is { } owners)
            {
                return (null, owners);
            }

            var answer = EncodedReply.Rent();
            RecommendCall.Answer(lease.Model, workspace.Catalog, request, clock, form.WriterOf(answer), cancellation);
            return (answer, null);
        }

        async Task<RecommendReply> Recommend(CallInvoker owner, string snapshotId, CallOptions options)
        {
            var forwarded = request.Clone();
            forwarded.SnapshotId = snapshotId;
            var answer = await new Recommender.RecommenderClient(owner).RecommendAsync(forwarded, options);
            answer.ServerMicros = clock.Micros;
            return answer;
        }
    }
}
