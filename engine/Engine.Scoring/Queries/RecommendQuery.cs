using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Queries;

/// <summary>Which products for one user, a basket, or both. Reusable: fill, ask, fill again.</summary>
public sealed class RecommendQuery
{
    /// <summary>The largest top-K.</summary>
    public const int MaximumTopK = 10_000;

    /// <summary>The most rows of recent behaviour.</summary>
    public const int MaximumRecent = 256;

    /// <summary>Opaque, case-sensitive; may be empty when there is recent behaviour.</summary>
    public string UserId { get; set; } = "";

    /// <summary>What the shopper just did; at most 256 rows.</summary>
    public List<RecentBehavior> Recent { get; } = [];

    /// <summary>1..10,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>Which products compete.</summary>
    public ProductFilter Filter { get; } = new();

    /// <summary>What about products that the user purchased in the scope year, or in the recent behaviour.</summary>
    public PurchasedPolicy Purchased { get; set; }

    /// <summary>What to do without any known user or recent product.</summary>
    public UnknownUserPolicy OnUnknown { get; set; }

    /// <summary>Fill <see cref="RecommendAnswer.Explanations"/>.</summary>
    public bool Explain { get; set; }

    /// <summary>Count the eligible products, score nothing.</summary>
    public bool ValidateOnly { get; set; }
}

/// <summary>Which products compete: all, or those of a pool, of a rule and of an inline list, without the excluded ones.</summary>
public sealed class ProductFilter
{
    /// <summary>A saved pool, resolved on the model that is asked; null means all products.</summary>
    public ResolvedPool? SavedPool { get; set; }

    /// <summary>A rule or a list; <see cref="RecommendationEngine"/> resolves it into <see cref="Rule"/>. Null means all products.</summary>
    public PoolDefinition? Pool { get; set; }

    /// <summary>An inline rule, resolved on the model that is asked; null means all products.</summary>
    public ResolvedPool? Rule { get; set; }

    /// <summary>The inline pool, when <see cref="HasPool"/>.</summary>
    public List<string> PoolProductIds { get; } = [];

    /// <summary>Whether the inline pool counts; an empty one then means no product.</summary>
    public bool HasPool { get; set; }

    /// <summary>The blocked products, resolved on the model that is asked; null means none.</summary>
    public ResolvedPool? Blocked { get; set; }

    /// <summary>Never in the answer.</summary>
    public List<string> ExcludedProductIds { get; } = [];
}

/// <summary>One thing that the shopper just did.</summary>
/// <param name="ProductId">Opaque, case-sensitive.</param>
/// <param name="Type">What it was.</param>
/// <param name="AgeDays">Days before now, at least 0.</param>
/// <param name="Count">How often, at least 1.</param>
public readonly record struct RecentBehavior(string ProductId, BehaviorType Type, double AgeDays, int Count);

/// <summary>Which of the products that a user purchased may be in the answer.</summary>
public enum PurchasedPolicy
{
    /// <summary>All.</summary>
    Include,

    /// <summary>None.</summary>
    Exclude,

    /// <summary>These and no others.</summary>
    Only,
}

/// <summary>What to do with a user that the snapshot does not know.</summary>
public enum UnknownUserPolicy
{
    /// <summary><see cref="UnknownIdException"/>.</summary>
    Error,

    /// <summary>An empty answer.</summary>
    Empty,

    /// <summary>The eligible products by number of purchasers.</summary>
    PopularInPool,
}

/// <summary>Where the scores of an answer come from.</summary>
public enum ScoreSource
{
    /// <summary>Nothing was scored.</summary>
    None,

    /// <summary>A known user.</summary>
    User,

    /// <summary>Recent behaviour alone.</summary>
    Recent,

    /// <summary>A known user's history with recent behaviour.</summary>
    UserAndRecent,

    /// <summary>Number of purchasers in the scope year.</summary>
    Popularity,

    /// <summary>The mean member of an audience.</summary>
    Audience,
}
