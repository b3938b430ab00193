using Engine.Protos.V1;
using Engine.Server.Admission;
using Engine.Server.Contract;
using Engine.Server.Replies;
using Engine.Server.Workspaces;

namespace Engine.Server.Services;

/// <summary>
/// Recommend into a pooled reply: a light request at once, on the thread it came with; a heavy one in its turn.
/// </summary>
internal sealed class EncodedRecommend(WorkspaceRegistry workspaces, HeavyWork heavy, TimeProvider time)
{
    /// <summary>Answers a light request. Allocates nothing after warm-up.</summary>
    /// <param name="request">The request.</param>
    /// <param name="form">Which form of the reply to write.</param>
    /// <param name="clock">Measures the call, its time in the queue included.</param>
    /// <returns>Null when the request is heavy: <see cref="Queue"/> it.</returns>
    public EncodedReply? TryAnswer(
        RecommendRequest request, Func<EncodedReply, Action<RecommendFacts>> form, out CallClock clock)
    {
        clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        if (!workspace.IsOpen(request.SnapshotId))
        {
            return null;
        }

        using var lease = workspace.Acquire(request.SnapshotId);
        if (CallCost.IsHeavy(lease.Model, workspace.Catalog, request))
        {
            return null;
        }

        // It ends before anybody could cancel it.
        var reply = EncodedReply.Rent();
        RecommendCall.Answer(lease.Model, workspace.Catalog, request, clock, form(reply));
        return reply;
    }

    /// <summary>Answers a heavy request.</summary>
    /// <exception cref="Errors.ExhaustedException">Too many heavy calls wait.</exception>
    public Task<EncodedReply> Queue(
        RecommendRequest request,
        Func<EncodedReply, Action<RecommendFacts>> form,
        CallClock clock,
        CancellationToken cancellation)
    {
        var workspace = workspaces.Get(request.Workspace);
        return heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                var reply = EncodedReply.Rent();
                RecommendCall.Answer(lease.Model, workspace.Catalog, request, clock, form(reply), cancellation);
                return reply;
            },
            cancellation);
    }
}
