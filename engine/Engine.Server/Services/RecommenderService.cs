using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Server.Workspaces;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>The queries of the contract: acquire a lease, answer, release the lease.</summary>
internal sealed class RecommenderService(WorkspaceRegistry workspaces, TimeProvider time) : Recommender.RecommenderBase
{
    /// <inheritdoc/>
    public override Task<RecommendReply> Recommend(RecommendRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire(request.SnapshotId);
        return Task.FromResult(RecommendCall.Answer(lease.Model, workspace.Catalog, request, clock));
    }

    /// <inheritdoc/>
    public override Task<RelatedProductsReply> RelatedProducts(RelatedProductsRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire(request.SnapshotId);
        return Task.FromResult(RelatedCall.Answer(lease.Model, workspace.Catalog, request, clock));
    }

    /// <inheritdoc/>
    public override async Task RankUsers(
        RankUsersRequest request, IServerStreamWriter<RankUsersReply> responseStream, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        using var pin = workspace.Pin(request.SnapshotId);
        foreach (var block in RankUsersCall.Answer(pin.Model, workspace.Catalog, request, clock))
        {
            await PinnedStream.Until(responseStream.WriteAsync(block, context.CancellationToken), pin);
        }
    }

    /// <inheritdoc/>
    public override async Task BatchRecommend(
        IAsyncStreamReader<BatchRecommendRequest> requestStream, IServerStreamWriter<BatchRecommendReply> responseStream, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        if (!await requestStream.MoveNext(context.CancellationToken))
        {
            return;
        }

        var workspace = workspaces.Get(requestStream.Current.Workspace);
        using var pin = workspace.Pin(requestStream.Current.SnapshotId);
        var batch = new BatchCall(pin.Model, workspace.Catalog, requestStream.Current);
        do
        {
            foreach (var reply in batch.Answer(requestStream.Current, clock, context.CancellationToken))
            {
                await PinnedStream.Until(responseStream.WriteAsync(reply, context.CancellationToken), pin);
            }

            clock = CallClock.Start(time);
        }
        while (await PinnedStream.Until(requestStream.MoveNext(context.CancellationToken), pin));
    }

    /// <inheritdoc/>
    public override Task<RecommendReply> RecommendForAudience(RecommendForAudienceRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire(request.SnapshotId);
        return Task.FromResult(AudienceCall.Answer(lease.Model, workspace.Catalog, request, clock));
    }

    /// <inheritdoc/>
    public override Task<EstimateAudienceReply> EstimateAudience(EstimateAudienceRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire(request.SnapshotId);
        return Task.FromResult(EstimateCall.Answer(lease.Model, workspace.Catalog, request, clock));
    }

    /// <inheritdoc/>
    public override Task<ScoreReply> Score(ScoreRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        using var lease = workspaces.Get(request.Workspace).Acquire(request.SnapshotId);
        return Task.FromResult(ScoreCall.Answer(lease.Model, request, clock));
    }

    /// <inheritdoc/>
    public override Task<ExplainReply> Explain(ExplainRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        using var lease = workspaces.Get(request.Workspace).Acquire(request.SnapshotId);
        return Task.FromResult(ExplainCall.Answer(lease.Model, request, clock));
    }
}
