using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Snapshots.Manifest;

namespace Engine.Server.Tasks;

/// <summary>
/// What a task asks, frozen at its creation: pools that are saved and products that are blocked later do not change it. The
/// users of its audience are kept beside it.
/// </summary>
internal sealed record TaskQuestion
{
    /// <summary>The products that compete; null for all.</summary>
    public PoolDefinition? Pool { get; init; }

    /// <summary>1..10,000.</summary>
    public required int TopK { get; init; }

    /// <summary>Never in the results.</summary>
    public required IReadOnlyList<string> Excluded { get; init; }

    /// <summary>Blocked when it was created.</summary>
    public required IReadOnlyList<string> Blocked { get; init; }

    /// <summary>What about purchased products.</summary>
    public required PurchasedPolicy Purchased { get; init; }

    /// <summary>Whether to re-rank, where the snapshot can.</summary>
    public bool Rerank { get; init; }

    /// <summary>The campaign, if it is one.</summary>
    public TaskCampaign? Campaign { get; init; }

    /// <summary>The related products that the campaign found, for who asks online again; null when it is none.</summary>
    public IReadOnlyList<string>? Related { get; init; }

    /// <summary>The same plan each time, so that a run goes on to the same bytes.</summary>
    /// <param name="model">The pinned model.</param>
    /// <param name="audience">The users; null for all.</param>
    /// <exception cref="InputException">Too many pairs, a rule that does not fit, a field out of its range.</exception>
    public BatchPlan Plan(ScoringModel model, AudienceMembers? audience)
    {
        var pool = Pool is null ? null : ResolvedPool.Of(model, Pool);
        var blocked = Blocked.Count == 0 ? null : ResolvedPool.Of(model, PoolDefinition.OfIds(Blocked));
        if (Campaign is null)
        {
            return new BatchPlan(model, audience ?? AudienceMembers.All(model.Snapshot), pool, TopK, Excluded, Purchased, blocked, rerank: Rerank);
        }

        var related = new RelatedQuery { Filter = { SavedPool = pool, Blocked = blocked } };
        related.Filter.ExcludedProductIds.AddRange(Excluded);
        var found = Campaign.Question.Resolve(model, audience, related);
        return new BatchPlan(model, found.Audience, found.Pool, TopK, Excluded, Purchased, blocked, found.Reasons, Rerank);
    }
}

/// <summary>A campaign as it is kept.</summary>
internal sealed record TaskCampaign(
    string ProductId, IReadOnlyList<BehaviorType> Types, int AtLeast, int WithinDays, int RelatedTop, float LeastStrength)
{
    /// <summary>In the terms of the engine.</summary>
    public RelatedCampaign Question => new()
    {
        ProductId = ProductId,
        Types = Types.ToHashSet(),
        AtLeast = AtLeast,
        WithinDays = WithinDays == 0 ? null : WithinDays,
        RelatedTop = RelatedTop,
        LeastStrength = LeastStrength,
    };
}
