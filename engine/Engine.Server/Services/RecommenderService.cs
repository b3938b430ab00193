using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Admission;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Workspaces;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>
/// The queries of the contract: acquire a lease, answer, release the lease. What takes more than a few milliseconds
/// waits in <see cref="HeavyWork"/>.
/// </summary>
internal sealed class RecommenderService(
    WorkspaceRegistry workspaces, HeavyWork heavy, OpenStreams streams, TimeProvider time) : Recommender.RecommenderBase
{
    /// <summary>
    /// For the description of the service: <see cref="EncodedRecommend"/> answers before it, over gRPC and HTTP/JSON.
    /// </summary>
    public override Task<RecommendReply> Recommend(RecommendRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        return heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                return RecommendCall.Answer(lease.Model, workspace.Catalog, request, clock, cancellation);
            },
            cancellation);
    }

    /// <inheritdoc/>
    public override Task<RelatedProductsReply> RelatedProducts(
        RelatedProductsRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        if (workspace.IsOpen(request.SnapshotId))
        {
            using var lease = workspace.Acquire(request.SnapshotId);
            if (!CallCost.IsHeavy(lease.Model, workspace.Catalog, request))
            {
                return Task.FromResult(
                    RelatedCall.Answer(lease.Model, workspace.Catalog, request, clock, context.CancellationToken));
            }
        }

        return RelatedHeavy(workspace, request, clock, context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task RankUsers(
        RankUsersRequest request, IServerStreamWriter<RankUsersReply> responseStream, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        using var pin = await Pin(workspace, request.SnapshotId, cancellation);
        using var stream = streams.Open(RankUsersCall.RowsOf(pin.Model, request));
        var blocks = await heavy.Run(
            () => RankUsersCall.Answer(pin.Model, workspace.Catalog, request, clock, cancellation), cancellation);
        await Send(blocks, pin, stream, responseStream, cancellation);
    }

    /// <inheritdoc/>
    public override async Task BatchRecommend(
        IAsyncStreamReader<BatchRecommendRequest> requestStream,
        IServerStreamWriter<BatchRecommendReply> responseStream,
        ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        using var stream = streams.Open();
        if (!await requestStream.MoveNext(cancellation))
        {
            return;
        }

        var workspace = workspaces.Get(requestStream.Current.Workspace);
        using var pin = await Pin(workspace, requestStream.Current.SnapshotId, cancellation);
        var first = requestStream.Current;
        var batch = await heavy.Run(
            () => new BatchCall(pin.Model, workspace.Catalog, first, streams.BatchRows, cancellation), cancellation);
        do
        {
            await Send(
                batch.Answer(requestStream.Current, clock, cancellation), pin, stream, responseStream, cancellation);
            clock = CallClock.Start(time);
        }
        while (await PinnedStream.Until(requestStream.MoveNext(cancellation), pin));
    }

    /// <inheritdoc/>
    public override Task<RecommendReply> RecommendForAudience(
        RecommendForAudienceRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        return heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                return AudienceCall.Answer(lease.Model, workspace.Catalog, request, clock, cancellation);
            },
            cancellation);
    }

    /// <inheritdoc/>
    public override Task<EstimateAudienceReply> EstimateAudience(
        EstimateAudienceRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        return heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                return EstimateCall.Answer(lease.Model, workspace.Catalog, request, clock, cancellation);
            },
            cancellation);
    }

    /// <inheritdoc/>
    public override async Task SumAudience(
        RecommendForAudienceRequest request,
        IServerStreamWriter<AudienceSum> responseStream,
        ServerCallContext context)
    {
        var cancellation = context.CancellationToken;
        var workspace = workspaces.Get(request.Workspace);
        using var pin = await Pin(workspace, request.SnapshotId, cancellation);
        using var stream = streams.Open(pin.Model.Snapshot.Manifest.ProductCount);
        var blocks = await heavy.Run(
            () => SumCall.Answer(pin.Model, workspace.Catalog, request, cancellation), cancellation);
        await Send(blocks, pin, stream, responseStream, cancellation);
    }

    /// <inheritdoc/>
    public override Task<ScoreReply> Score(ScoreRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        if (ScoreCall.IsLight(request) && workspace.IsOpen(request.SnapshotId))
        {
            using var lease = workspace.Acquire(request.SnapshotId);
            return Task.FromResult(
                ScoreCall.Answer(lease.Model, workspace.Catalog, request, clock, context.CancellationToken));
        }

        return ScoreHeavy(workspace, request, clock, context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<ExplainReply> Explain(ExplainRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        if (workspace.IsOpen(request.SnapshotId))
        {
            using var lease = workspace.Acquire(request.SnapshotId);
            return Task.FromResult(ExplainCall.Answer(lease.Model, workspace.Catalog, request, clock));
        }

        return ExplainHeavy(workspace, request, clock, context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<PlacementReply> RecommendPlacement(
        RecommendPlacementRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        return Quick(
            request.Workspace,
            request.SnapshotId,
            (model, catalog) => CallCost.IsHeavy(model, catalog, request),
            (model, catalog) => PlacementCall.Answer(model, catalog, request, clock, cancellation),
            cancellation);
    }

    /// <inheritdoc/>
    public override Task<RecommendPageReply> RecommendPage(RecommendPageRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        return Quick(
            request.Workspace,
            request.SnapshotId,
            (model, catalog) => CallCost.IsHeavy(model, catalog, request),
            (model, catalog) => PlacementCall.Answer(model, catalog, request, clock, cancellation),
            cancellation);
    }

    /// <inheritdoc/>
    public override Task<RankTagValuesReply> RankTagValues(RankTagValuesRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        return Quick(
            request.Workspace,
            request.SnapshotId,
            (model, catalog) => CallCost.IsHeavy(model, catalog, request),
            (model, catalog) => RankTagValuesCall.Answer(model, catalog, request, clock, cancellation),
            cancellation);
    }

    /// <inheritdoc/>
    public override Task<NextOrderReply> NextOrder(NextOrderRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        return Quick(
            request.Workspace,
            request.SnapshotId,
            (model, catalog) => CallCost.IsHeavy(model, catalog, request),
            (model, catalog) => NextOrderCall.Answer(model, catalog, request, clock, cancellation),
            cancellation);
    }

    // At once, unless the call is heavy or its snapshot is not open yet.
    private Task<T> Quick<T>(
        string name,
        string snapshotId,
        Func<ScoringModel, WorkspaceCatalog, bool> isHeavy,
        Func<ScoringModel, WorkspaceCatalog, T> answer,
        CancellationToken cancellation)
    {
        var workspace = workspaces.Get(name);
        if (workspace.IsOpen(snapshotId))
        {
            using var lease = workspace.Acquire(snapshotId);
            if (!isHeavy(lease.Model, workspace.Catalog))
            {
                return Task.FromResult(answer(lease.Model, workspace.Catalog));
            }
        }

        return heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(snapshotId);
                return answer(lease.Model, workspace.Catalog);
            },
            cancellation);
    }

    private Task<RelatedProductsReply> RelatedHeavy(
        Workspace workspace, RelatedProductsRequest request, CallClock clock, CancellationToken cancellation) =>
        heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                return RelatedCall.Answer(lease.Model, workspace.Catalog, request, clock, cancellation);
            },
            cancellation);

    private Task<ScoreReply> ScoreHeavy(
        Workspace workspace, ScoreRequest request, CallClock clock, CancellationToken cancellation) =>
        heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                return ScoreCall.Answer(lease.Model, workspace.Catalog, request, clock, cancellation);
            },
            cancellation);

    private Task<ExplainReply> ExplainHeavy(
        Workspace workspace, ExplainRequest request, CallClock clock, CancellationToken cancellation) =>
        heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                return ExplainCall.Answer(lease.Model, workspace.Catalog, request, clock);
            },
            cancellation);

    // A snapshot that is not open yet is verified first.
    private async Task<Scoring.Hosting.ModelPin> Pin(
        Workspace workspace, string snapshotId, CancellationToken cancellation) =>
        workspace.IsOpen(snapshotId)
            ? workspace.Pin(snapshotId)
            : await heavy.Run(() => workspace.Pin(snapshotId), cancellation);

    // Each reply is made when the one before it has been read.
    private async Task Send<T>(
        IEnumerable<T> replies,
        Scoring.Hosting.ModelPin pin,
        OpenStreams.OpenStream stream,
        IServerStreamWriter<T> target,
        CancellationToken cancellation)
    {
        using var reply = replies.GetEnumerator();
        while (await heavy.Continue(reply.MoveNext, cancellation))
        {
            await PinnedStream.Until(stream.Write(target, reply.Current, cancellation), pin);
        }
    }
}
