using Engine.Protos.V1;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>Saved pools and audiences, and the blocked products. Counts are those of the active snapshot.</summary>
internal sealed class CatalogService(WorkspaceRegistry workspaces) : Protos.V1.Catalog.CatalogBase
{
    /// <inheritdoc/>
    public override Task<Pool> SavePool(SavePoolRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire("");
        var saved = workspace.Catalog.Pools.Save(CatalogAnswers.ToSave(lease.Model, request));
        return Task.FromResult(CatalogAnswers.Describe(lease.Model, saved));
    }

    /// <inheritdoc/>
    public override Task<PreviewPoolReply> PreviewPool(PreviewPoolRequest request, ServerCallContext context)
    {
        using var lease = workspaces.Get(request.Workspace).Acquire("");
        return Task.FromResult(CatalogAnswers.Preview(lease.Model, request));
    }

    /// <inheritdoc/>
    public override Task<Pool> GetPool(GetPoolRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire("");
        return Task.FromResult(CatalogAnswers.DescribeWhole(lease.Model, workspace.Catalog.Pools.Get(request.Name, request.Version)));
    }

    /// <inheritdoc/>
    public override Task<ListPoolsReply> ListPools(ListPoolsRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire("");
        var reply = new ListPoolsReply();
        foreach (var pool in workspace.Catalog.Pools.List())
        {
            reply.Pools.Add(CatalogAnswers.Describe(lease.Model, pool));
        }

        return Task.FromResult(reply);
    }

    /// <inheritdoc/>
    public override Task<DeletePoolReply> DeletePool(DeletePoolRequest request, ServerCallContext context)
    {
        workspaces.Get(request.Workspace).Catalog.Pools.Delete(request.Name);
        return Task.FromResult(new DeletePoolReply());
    }

    /// <inheritdoc/>
    public override Task<BlockedProducts> SetBlocked(SetBlockedRequest request, ServerCallContext context)
    {
        // Products can be blocked before anything is served.
        var workspace = workspaces.Get(request.Workspace);
        using var pin = workspace.ActiveId is null ? null : workspace.Pin("");
        return Task.FromResult(BlockedAnswers.Set(workspace.Catalog.Blocked, pin?.Model, request));
    }

    /// <inheritdoc/>
    public override Task<BlockedProducts> ListBlocked(ListBlockedRequest request, ServerCallContext context) =>
        Task.FromResult(BlockedAnswers.Describe(workspaces.Get(request.Workspace).Catalog.Blocked.Current));

    /// <inheritdoc/>
    public override Task<Audience> SaveAudience(SaveAudienceRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire("");
        return Task.FromResult(AudienceAnswers.Save(lease.Model, workspace.Catalog, request));
    }

    /// <inheritdoc/>
    public override Task<ListAudiencesReply> ListAudiences(ListAudiencesRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire("");
        var reply = new ListAudiencesReply();
        foreach (var audience in workspace.Catalog.Audiences.List())
        {
            reply.Audiences.Add(AudienceAnswers.Describe(lease.Model, workspace.Catalog, audience));
        }

        return Task.FromResult(reply);
    }

    /// <inheritdoc/>
    public override async Task ExportAudience(ExportAudienceRequest request, IServerStreamWriter<FileChunk> responseStream, ServerCallContext context)
    {
        foreach (var chunk in AudienceExport.Chunks(workspaces.Get(request.Workspace).Catalog.Audiences.Ids(request.Name)))
        {
            await responseStream.WriteAsync(new FileChunk { Data = ByteString.CopyFrom(chunk.Span) }, context.CancellationToken);
        }
    }

    /// <inheritdoc/>
    public override Task<DeleteAudienceReply> DeleteAudience(DeleteAudienceRequest request, ServerCallContext context)
    {
        workspaces.Get(request.Workspace).Catalog.Audiences.Delete(request.Name);
        return Task.FromResult(new DeleteAudienceReply());
    }
}
