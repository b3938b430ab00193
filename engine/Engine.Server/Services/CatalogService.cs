using Engine.Protos.V1;
using Engine.Server.Answers;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>Saved pools and audiences: in the contract, not yet kept by this engine. Each call says what to do instead.</summary>
internal sealed class CatalogService : Catalog.CatalogBase
{
    /// <inheritdoc/>
    public override Task<Pool> SavePool(SavePoolRequest request, ServerCallContext context) => throw NoPools();

    /// <inheritdoc/>
    public override Task<PreviewPoolReply> PreviewPool(PreviewPoolRequest request, ServerCallContext context) => throw NoPools();

    /// <inheritdoc/>
    public override Task<ListPoolsReply> ListPools(ListPoolsRequest request, ServerCallContext context) => throw NoPools();

    /// <inheritdoc/>
    public override Task<DeletePoolReply> DeletePool(DeletePoolRequest request, ServerCallContext context) => throw NoPools();

    /// <inheritdoc/>
    public override Task<Audience> SaveAudience(SaveAudienceRequest request, ServerCallContext context) => throw NoAudiences();

    /// <inheritdoc/>
    public override Task<ListAudiencesReply> ListAudiences(ListAudiencesRequest request, ServerCallContext context) => throw NoAudiences();

    /// <inheritdoc/>
    public override Task<DeleteAudienceReply> DeleteAudience(DeleteAudienceRequest request, ServerCallContext context) => throw NoAudiences();

    private static NotAnsweredException NoPools() =>
        new("this engine keeps no saved pools yet: send the products of the pool as product_ids with each request");

    private static NotAnsweredException NoAudiences() =>
        new("this engine keeps no saved audiences yet: send the users of the audience as user_ids with RankUsers");
}
