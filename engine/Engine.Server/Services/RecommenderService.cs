using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Shards;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>
/// The queries of the contract: acquire a lease, answer, release the lease. What takes more than a few milliseconds
/// waits in <see cref="HeavyWork"/>.
/// </summary>
internal sealed class RecommenderService(
    WorkspaceRegistry workspaces,
    HeavyWork heavy,
    OpenStreams streams,
    ShardFront front,
    Forwarding forwarding,
    TimeProvider time) : Recommender.RecommenderBase
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
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        return Quick(
            workspaces.Get(request.Workspace),
            request,
            request.SnapshotId,
            (model, catalog) => CallCost.IsHeavy(model, catalog, request),
            (model, catalog) => RelatedCall.Answer(model, catalog, request, clock, cancellation),
            cancellation);
    }

    /// <inheritdoc/>
    public override async Task RankUsers(
        RankUsersRequest request, IServerStreamWriter<RankUsersReply> responseStream, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        using var pin = await Pin(workspace, request.SnapshotId, cancellation);
        using var stream = streams.Open(
            WorkspaceGuard.KeyCheck(context.GetHttpContext()), RankUsersCall.RowsOf(pin.Model, request));
        if (front.Of(pin.Model.Snapshot, request.SnapshotId, context) is { } shards)
        {
            await foreach (var block in ScatteredCalls.RankUsers(shards, pin.Model, request, clock))
            {
                await PinnedStream.Until(stream.Write(responseStream, block, cancellation), pin);
            }

            return;
        }

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
        var cancellation = context.CancellationToken;
        if (!await streams.Next(requestStream, cancellation))
        {
            return;
        }

        // What a client takes to send a message is none of the time of its answer.
        var (clock, first) = (CallClock.Start(time), requestStream.Current);
        BatchMessages.Check(
            first, RequestFields.OrDefault(first.TopK, RequestFields.DefaultTopK), streams.BatchRows);
        using var stream = streams.Open(WorkspaceGuard.KeyCheck(context.GetHttpContext()));
        var workspace = workspaces.Get(first.Workspace);
        using var pin = await Pin(workspace, first.SnapshotId, cancellation);
        if (front.Of(pin.Model.Snapshot, first.SnapshotId, context) is { } shards)
        {
            await using var scattered = await ScatteredBatch.Begin(shards, first, streams.BatchRows);
            do
            {
                await foreach (var reply in scattered.Answer(requestStream.Current, clock))
                {
                    await PinnedStream.Until(stream.Write(responseStream, reply, cancellation), pin);
                }
            }
            while (await HasNext());
            await scattered.Complete();
            return;
        }

        var batch = await heavy.Run(
            () => new BatchCall(pin.Model, workspace.Catalog, first, streams.BatchRows, cancellation), cancellation);
        do
        {
            await Send(
                batch.Answer(requestStream.Current, clock, cancellation), pin, stream, responseStream, cancellation);
        }
        while (await HasNext());

        async Task<bool> HasNext()
        {
            first.UserIds.Clear();
            if (!await PinnedStream.Until(streams.Next(requestStream, cancellation), pin))
            {
                return false;
            }

            clock = CallClock.Start(time);
            BatchMessages.CheckLater(first, requestStream.Current);
            return true;
        }
    }

    /// <inheritdoc/>
    public override async Task<RecommendReply> RecommendForAudience(
        RecommendForAudienceRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        using var pin = await Pin(workspace, request.SnapshotId, cancellation);
        if (front.Of(pin.Model.Snapshot, request.SnapshotId, context) is { } shards)
        {
            var (sum, missing) = await ScatteredCalls.SumAudience(shards, pin.Model, request);
            return await heavy.Run(
                () => sum.Answer(pin.Model, workspace.Catalog, request, missing, clock, cancellation), cancellation);
        }

        return await heavy.Run(
            () => AudienceCall.Answer(pin.Model, workspace.Catalog, request, clock, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public override async Task<EstimateAudienceReply> EstimateAudience(
        EstimateAudienceRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        using var pin = await Pin(workspace, request.SnapshotId, cancellation);
        return front.Of(pin.Model.Snapshot, request.SnapshotId, context) is { } shards
            ? await ScatteredCalls.EstimateAudience(shards, pin.Model, request, clock)
            : await heavy.Run(
                () => EstimateCall.Answer(pin.Model, workspace.Catalog, request, clock, cancellation), cancellation);
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
        using var stream = streams.Open(
            WorkspaceGuard.KeyCheck(context.GetHttpContext()), pin.Model.Snapshot.Manifest.ProductCount);
        var blocks = await heavy.Run(
            () => SumCall.Answer(pin.Model, workspace.Catalog, request, cancellation), cancellation);
        await Send(blocks, pin, stream, responseStream, cancellation);
    }

    /// <inheritdoc/>
    public override Task<ScoreReply> Score(ScoreRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        return forwarding.AskOwners(
            workspace,
            request.SnapshotId,
            request.UserIds,
            context,
            (shards, model) => ScatteredScores.Answer(shards, model, request, clock),
            () => Quick(
                workspace,
                request,
                request.SnapshotId,
                (_, _) => !ScoreCall.IsLight(request),
                (model, catalog) => ScoreCall.Answer(model, catalog, request, clock, cancellation),
                cancellation));
    }

    /// <inheritdoc/>
    public override Task<ExplainReply> Explain(ExplainRequest request, ServerCallContext context)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        return forwarding.AskOwner(
            workspace,
            request.SnapshotId,
            request.UserId,
            context,
            (owner, id, options) =>
                owner.ExplainAsync(new ExplainRequest(request) { SnapshotId = id }, options).ResponseAsync,
            () => Quick(
                workspace,
                request,
                request.SnapshotId,
                (_, _) => false,
                (model, catalog) => ExplainCall.Answer(model, catalog, request, clock),
                context.CancellationToken));
    }

    /// <inheritdoc/>
    public override Task<PlacementReply> RecommendPlacement(
        RecommendPlacementRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);

        // The asked engine chooses the arm and logs what was shown, whoever answers: an owner is asked for what the arm
        // shows.
        var arm = ExperimentAnswers.Assign(workspace.Catalog, request);
        return forwarding.AskOwner(
            workspace,
            request.SnapshotId,
            request.UserId,
            context,
            async (owner, id, options) => Tell(await owner.RecommendPlacementAsync(
                new RecommendPlacementRequest(request) { SnapshotId = id }, options)),
            () => Quick(
                workspace,
                request,
                request.SnapshotId,
                (model, catalog) => CallCost.IsHeavy(model, catalog, request),
                (model, catalog) => Tell(PlacementCall.Answer(model, catalog, request, clock, cancellation)),
                cancellation));

        PlacementReply Tell(PlacementReply reply) =>
            ExperimentAnswers.Tell(reply, arm, workspace.Catalog, request.UserId, clock);
    }

    /// <inheritdoc/>
    public override Task<RecommendPageReply> RecommendPage(RecommendPageRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        return forwarding.AskOwner(
            workspace,
            request.SnapshotId,
            request.UserId,
            context,
            (owner, id, options) =>
                owner.RecommendPageAsync(new RecommendPageRequest(request) { SnapshotId = id }, options).ResponseAsync,
            () => Quick(
                workspace,
                request,
                request.SnapshotId,
                (model, catalog) => CallCost.IsHeavy(model, catalog, request),
                (model, catalog) => PlacementCall.Answer(model, catalog, request, clock, cancellation),
                cancellation));
    }

    /// <inheritdoc/>
    public override Task<RankTagValuesReply> RankTagValues(RankTagValuesRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        return forwarding.AskOwner(
            workspace,
            request.SnapshotId,
            request.UserId,
            context,
            (owner, id, options) =>
                owner.RankTagValuesAsync(new RankTagValuesRequest(request) { SnapshotId = id }, options).ResponseAsync,
            () => Quick(
                workspace,
                request,
                request.SnapshotId,
                (model, catalog) => CallCost.IsHeavy(model, catalog, request),
                (model, catalog) => RankTagValuesCall.Answer(model, catalog, request, clock, cancellation),
                cancellation));
    }

    /// <inheritdoc/>
    public override Task<NextOrderReply> NextOrder(NextOrderRequest request, ServerCallContext context)
    {
        var (clock, cancellation) = (CallClock.Start(time), context.CancellationToken);
        var workspace = workspaces.Get(request.Workspace);
        return forwarding.AskOwners(
            workspace,
            request.SnapshotId,
            request.UserIds,
            context,
            (shards, model) => ScatteredOrders.Answer(shards, model, request, clock),
            () => Quick(
                workspace,
                request,
                request.SnapshotId,
                (model, catalog) => CallCost.IsHeavy(model, catalog, request),
                (model, catalog) => NextOrderCall.Answer(
                    model, catalog, request, clock, ShardFront.IsPart(context), cancellation),
                cancellation));
    }

    // At once, unless the call is heavy or its snapshot is not open yet.
    private Task<T> Quick<T>(
        Workspace workspace,
        IMessage request,
        string snapshotId,
        Func<ScoringModel, WorkspaceCatalog, bool> isHeavy,
        Func<ScoringModel, WorkspaceCatalog, T> answer,
        CancellationToken cancellation)
    {
        if (workspace.IsOpen(snapshotId))
        {
            using var lease = workspace.Acquire(snapshotId);
            if (!isHeavy(lease.Model, workspace.Catalog))
            {
                var reply = answer(lease.Model, workspace.Catalog);
                workspace.Recent.Offer(request, snapshotId);
                return Task.FromResult(reply);
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
