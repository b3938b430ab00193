using Engine.Scoring.Audiences;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Batch;

/// <summary>Who did something with product A and should hear of what goes with it.</summary>
public sealed record RelatedCampaign
{
    /// <summary>A: opaque, case-sensitive.</summary>
    public required string ProductId { get; init; }

    /// <summary>What they did with A; at least one.</summary>
    public required IReadOnlySet<BehaviorType> Types { get; init; }

    /// <summary>How often in all, as <see cref="BehaviorFilter.AtLeast"/>.</summary>
    public int AtLeast { get; init; } = 1;

    /// <summary>In the last so many days, as <see cref="BehaviorFilter.WithinDays"/>.</summary>
    public int? WithinDays { get; init; }

    /// <summary>Related products that compete, strongest first; 1..10,000.</summary>
    public int RelatedTop { get; init; } = 10;

    /// <summary>Related products of at least this strength, 0..1.</summary>
    public float LeastStrength { get; init; }

    /// <summary>Only products that so many users purchased with A; 1 or more.</summary>
    public int MinSupport { get; init; } = RelatedFigures.DefaultMinSupport;

    /// <summary>Finds the products that go with A, the users who did it, and the reasons.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="within">Only these users; null stands for all.</param>
    /// <param name="filter">Which related products may compete.</param>
    /// <param name="cancellation">Looked at for every user.</param>
    /// <exception cref="UnknownIdException">A is not in the snapshot.</exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public (AudienceMembers Audience, ResolvedPool Pool, CampaignReasons Reasons) Resolve(
        ScoringModel model, AudienceMembers? within, RelatedQuery filter, CancellationToken cancellation = default)
    {
        filter.ProductId = ProductId;
        filter.TopK = RelatedTop;
        filter.MinSupport = MinSupport;
        var related = new RelatedAnswer();
        RelatedProducts.Find(model, filter, related, cancellation);
        var strong = related.Products.Where(product => product.Strength >= LeastStrength).ToArray();
        var behavior = new BehaviorFilter
        {
            Types = Types,
            Pool = model.Resolve(PoolDefinition.OfIds([ProductId]), cancellation),
            AtLeast = AtLeast,
            WithinDays = WithinDays,
        };
        var users = BehaviorAudience.Find(model.Snapshot, behavior, cancellation);
        var audience = within is null
            ? AudienceMembers.Of(model.Snapshot, users.InScope, users.OutOfScope)
            : AudienceMembers.Of(
                model.Snapshot,
                users.InScope.Where(user => within.Users[user.Value]),
                within.OutOfScope.Intersect(users.OutOfScope, StringComparer.Ordinal));
        return (
            audience,
            model.Resolve(
                PoolDefinition.OfIds(
                    [.. strong.Select(product => model.Snapshot.ProductIds.Get(product.Product.Value))]),
                cancellation),
            new CampaignReasons(model.Snapshot, behavior, ProductId, strong)
            {
                BelowMinSupportCount = related.BelowMinSupportCount,
                BelowStrengthCount = related.Products.Count - strong.Length,
            });
    }
}
