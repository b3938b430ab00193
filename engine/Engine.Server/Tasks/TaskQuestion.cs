using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Events;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Snapshots.Manifest;

namespace Engine.Server.Tasks;

/// <summary>
/// The query of a task, frozen at its creation: later changes of pools and blocked products do not affect it. The users
/// of its audience are stored beside it.
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

    /// <summary>How purchased products are treated.</summary>
    public required PurchasedPolicy Purchased { get; init; }

    /// <summary>Whether to re-rank, where the snapshot can.</summary>
    public bool Rerank { get; init; }

    /// <summary>The events that it sees; 0 for none.</summary>
    public long EventsVersion { get; init; }

    /// <summary>The campaign, if it is one.</summary>
    public TaskCampaign? Campaign { get; init; }

    /// <summary>
    /// The related products that the campaign found, for repeating the query online; null without a campaign.
    /// </summary>
    public IReadOnlyList<string>? Related { get; init; }

    /// <summary>The same plan each time, so that a resumed run produces identical files.</summary>
    /// <param name="model">The pinned model.</param>
    /// <param name="audience">The users; null for all.</param>
    /// <param name="events">The events of <see cref="EventsVersion"/>.</param>
    /// <param name="cancellation">Looked at for every user.</param>
    /// <exception cref="InputException">Too many pairs, a rule that does not fit, a field out of its range.</exception>
    public BatchPlan Plan(
        ScoringModel model,
        AudienceMembers? audience,
        EventView events = default,
        CancellationToken cancellation = default)
    {
        var pool = Pool is null ? null : model.Resolve(Pool, cancellation);
        var blocked = Blocked.Count == 0 ? null : model.Resolve(PoolDefinition.OfIds(Blocked), cancellation);
        var query = new RecommendQuery
        {
            TopK = TopK,
            Purchased = Purchased,
            Events = events,
            Filter = { SavedPool = pool, Blocked = blocked },
        };
        query.Filter.ExcludedProductIds.AddRange(Excluded);
        if (Campaign is null)
        {
            return new BatchPlan(model, audience ?? AudienceMembers.All(model.Snapshot), query, rerank: Rerank);
        }

        var related = new RelatedQuery { Filter = { SavedPool = pool, Blocked = blocked } };
        related.Filter.ExcludedProductIds.AddRange(Excluded);
        var found = Campaign.Question.Resolve(model, audience, related, cancellation);
        query.Filter.SavedPool = found.Pool;
        return new BatchPlan(model, found.Audience, query, found.Reasons, Rerank);
    }
}

/// <summary>A campaign as stored.</summary>
internal sealed record TaskCampaign(
    string ProductId,
    IReadOnlyList<BehaviorType> Types,
    int AtLeast,
    int WithinDays,
    int RelatedTop,
    float LeastStrength)
{
    /// <summary>As in <see cref="RelatedCampaign"/>; tasks that were stored before it existed have 1.</summary>
    public int MinSupport { get; init; } = 1;

    /// <summary>In the terms of the engine.</summary>
    public RelatedCampaign Question => new()
    {
        ProductId = ProductId,
        Types = Types.ToHashSet(),
        AtLeast = AtLeast,
        WithinDays = WithinDays == 0 ? null : WithinDays,
        RelatedTop = RelatedTop,
        LeastStrength = LeastStrength,
        MinSupport = MinSupport,
    };
}
