using Engine.Protos.V1;
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

/// <summary>Saved pools and audiences, and the blocked products. Counts are those of the active snapshot.</summary>
internal sealed class CatalogService(
    WorkspaceRegistry workspaces, HeavyWork heavy, OpenStreams streams, ShardFront front)
    : Protos.V1.Catalog.CatalogBase
{
    /// <inheritdoc/>
    public override Task<Pool> SavePool(SavePoolRequest request, ServerCallContext context) =>
        Run(request.Workspace, context, (workspace, model, cancellation) =>
            CatalogAnswers.Describe(
                model,
                workspace.Catalog.Pools.Save(CatalogAnswers.ToSave(model, request, cancellation)),
                cancellation));

    /// <inheritdoc/>
    public override Task<PreviewPoolReply> PreviewPool(PreviewPoolRequest request, ServerCallContext context) =>
        Run(
            request.Workspace,
            context,
            (_, model, cancellation) => CatalogAnswers.Preview(model, request, cancellation));

    /// <inheritdoc/>
    public override Task<Pool> GetPool(GetPoolRequest request, ServerCallContext context) =>
        Run(request.Workspace, context, (workspace, model, cancellation) =>
            CatalogAnswers.DescribePart(
                model, workspace.Catalog.Pools.Get(request.Name, request.Version), request.PageToken, cancellation));

    /// <inheritdoc/>
    public override Task<ListPoolsReply> ListPools(ListPoolsRequest request, ServerCallContext context) =>
        Run(request.Workspace, context, (workspace, model, cancellation) =>
        {
            var reply = new ListPoolsReply();
            var (pools, next) = Pages.Of(
                workspace.Catalog.Pools.List(reply.Problems),
                pool => pool.Name,
                descending: false,
                request.PageSize,
                request.PageToken);
            reply.NextPageToken = next;
            foreach (var pool in pools)
            {
                reply.Pools.Add(CatalogAnswers.Describe(model, pool, cancellation));
            }

            return reply;
        });

    /// <inheritdoc/>
    public override Task<DeletePoolReply> DeletePool(DeletePoolRequest request, ServerCallContext context) =>
        Files(request.Workspace, context, workspace =>
        {
            workspace.Catalog.Pools.Delete(request.Name);
            return new DeletePoolReply();
        });

    /// <inheritdoc/>
    public override Task<BlockedProducts> SetBlocked(SetBlockedRequest request, ServerCallContext context) =>
        Files(request.Workspace, context, workspace =>
        {
            // Products can be blocked before anything is served.
            using var pin = workspace.ActiveId is null ? null : workspace.Pin("");
            return BlockedAnswers.Set(workspace.Catalog.Blocked, pin?.Model, request);
        });

    /// <inheritdoc/>
    public override Task<BlockedProducts> ListBlocked(ListBlockedRequest request, ServerCallContext context) =>
        Task.FromResult(
            BlockedAnswers.Describe(workspaces.Get(request.Workspace).Catalog.Blocked.Current, request.PageToken));

    /// <inheritdoc/>
    public override Task<Audience> SaveAudience(SaveAudienceRequest request, ServerCallContext context) =>
        ShardsOf(request.Workspace, context) is { } shards
            ? ScatteredCalls.SaveAudience(shards, request)
            : Run(
                request.Workspace,
                context,
                (workspace, model, cancellation) =>
                    AudienceAnswers.Save(model, workspace.Catalog, request, cancellation));

    /// <inheritdoc/>
    public override Task<ListAudiencesReply> ListAudiences(ListAudiencesRequest request, ServerCallContext context) =>
        Run(request.Workspace, context, (workspace, model, cancellation) =>
        {
            var reply = new ListAudiencesReply();
            var (audiences, next) = Pages.Of(
                workspace.Catalog.Audiences.List(reply.Problems),
                one => one.Name,
                descending: false,
                request.PageSize,
                request.PageToken);
            reply.NextPageToken = next;
            foreach (var audience in audiences)
            {
                try
                {
                    reply.Audiences.Add(AudienceAnswers.Describe(model, workspace.Catalog, audience, cancellation));
                }
                catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
                {
                    // Its ids are damaged, or it has gone since.
                    reply.Problems.Add(MachineFault.Sentence(e));
                }
            }

            return reply;
        });

    /// <inheritdoc/>
    public override async Task ExportAudience(
        ExportAudienceRequest request, IServerStreamWriter<FileChunk> responseStream, ServerCallContext context)
    {
        using var stream = streams.Open(WorkspaceGuard.KeyCheck(context.GetHttpContext()));
        if (ShardsOf(request.Workspace, context) is { } shards)
        {
            await foreach (var chunk in ScatteredCalls.ExportAudience(shards, request))
            {
                await stream.Write(responseStream, chunk, context.CancellationToken);
            }

            return;
        }

        foreach (var chunk in AudienceExport.Chunks(
            workspaces.Get(request.Workspace).Catalog.Audiences.Ids(request.Name)))
        {
            await stream.Write(
                responseStream, new FileChunk { Data = ByteString.CopyFrom(chunk.Span) }, context.CancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async Task<DeleteAudienceReply> DeleteAudience(
        DeleteAudienceRequest request, ServerCallContext context)
    {
        if (ShardsOf(request.Workspace, context) is { } shards)
        {
            await shards.AskOwners((owner, options) =>
                new Protos.V1.Catalog.CatalogClient(owner).DeleteAudienceAsync(request, options).ResponseAsync);
            return new DeleteAudienceReply();
        }

        return await Files(request.Workspace, context, workspace =>
        {
            workspace.Catalog.Audiences.Delete(request.Name);
            return new DeleteAudienceReply();
        });
    }

    /// <inheritdoc/>
    public override Task<Placement> SavePlacement(SavePlacementRequest request, ServerCallContext context) =>
        Run(
            request.Workspace,
            context,
            (workspace, model, cancellation) =>
                PlacementAnswers.Save(model, workspace.Catalog, request, cancellation));

    /// <inheritdoc/>
    public override Task<Placement> GetPlacement(GetPlacementRequest request, ServerCallContext context) =>
        Run(request.Workspace, context, (workspace, model, cancellation) =>
            PlacementAnswers.Describe(
                model,
                workspace.Catalog,
                workspace.Catalog.Placements.Get(request.Name, request.Version),
                cancellation));

    /// <inheritdoc/>
    public override Task<ListPlacementsReply> ListPlacements(
        ListPlacementsRequest request, ServerCallContext context) =>
        Run(request.Workspace, context, (workspace, model, cancellation) =>
        {
            var reply = new ListPlacementsReply();
            var (placements, next) = Pages.Of(
                workspace.Catalog.Placements.List(reply.Problems),
                one => one.Name,
                descending: false,
                request.PageSize,
                request.PageToken);
            reply.NextPageToken = next;
            foreach (var placement in placements)
            {
                reply.Placements.Add(
                    PlacementAnswers.Describe(model, workspace.Catalog, placement, cancellation));
            }

            return reply;
        });

    /// <inheritdoc/>
    public override Task<DeletePlacementReply> DeletePlacement(
        DeletePlacementRequest request, ServerCallContext context) =>
        Files(request.Workspace, context, workspace =>
        {
            workspace.Catalog.Placements.Delete(request.Name);
            return new DeletePlacementReply();
        });

    /// <inheritdoc/>
    public override Task<Experiment> SaveExperiment(SaveExperimentRequest request, ServerCallContext context) =>
        Files(request.Workspace, context, workspace => ExperimentAnswers.Save(workspace.Catalog, request));

    /// <inheritdoc/>
    public override Task<Experiment> GetExperiment(GetExperimentRequest request, ServerCallContext context) =>
        Task.FromResult(ExperimentAnswers.ToProto(
            workspaces.Get(request.Workspace).Catalog.Experiments.Get(request.Name, request.Version)));

    /// <inheritdoc/>
    public override Task<ListExperimentsReply> ListExperiments(
        ListExperimentsRequest request, ServerCallContext context) =>
        Files(request.Workspace, context, workspace =>
        {
            var reply = new ListExperimentsReply();
            var (experiments, next) = Pages.Of(
                workspace.Catalog.Experiments.List(reply.Problems),
                one => one.Name,
                descending: false,
                request.PageSize,
                request.PageToken);
            reply.NextPageToken = next;
            reply.Experiments.AddRange(experiments.Select(ExperimentAnswers.ToProto));
            return reply;
        });

    /// <inheritdoc/>
    public override Task<DeleteExperimentReply> DeleteExperiment(
        DeleteExperimentRequest request, ServerCallContext context) =>
        Files(request.Workspace, context, workspace =>
        {
            workspace.Catalog.Experiments.Delete(request.Name);
            return new DeleteExperimentReply();
        });

    // Audiences lie with the owners of their users' buckets.
    private ShardSet? ShardsOf(string name, ServerCallContext context)
    {
        var workspace = workspaces.Get(name);
        if (!front.IsOn || workspace.ActiveId is null)
        {
            return null;
        }

        using var lease = workspace.Acquire("");
        return front.Of(lease.Model.Snapshot, "", context);
    }

    // Whoever changes or reads many files waits for locks and for the disk, and must hold no thread of light calls.
    private Task<T> Files<T>(string name, ServerCallContext context, Func<Workspace, T> work)
    {
        var workspace = workspaces.Get(name);
        return heavy.Run(() => work(workspace), context.CancellationToken);
    }

    // Rules and audiences are met with the served model: seconds where they are long.
    private Task<T> Run<T>(
        string name, ServerCallContext context, Func<Workspace, Scoring.Models.ScoringModel, CancellationToken, T> work)
    {
        var (workspace, cancellation) = (workspaces.Get(name), context.CancellationToken);
        return heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire("");
                return work(workspace, lease.Model, cancellation);
            },
            cancellation);
    }
}
