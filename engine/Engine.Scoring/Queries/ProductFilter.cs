using Engine.Scoring.Pools;

namespace Engine.Scoring.Queries;

/// <summary>
/// Which products compete: all, or those of a pool, of a rule and of an inline list, without the excluded ones.
/// </summary>
public sealed class ProductFilter
{
    /// <summary>A saved pool, resolved on the model that is asked; null means all products.</summary>
    public ResolvedPool? SavedPool { get; set; }

    /// <summary>
    /// A rule or a list; <see cref="RecommendationEngine"/> resolves it into <see cref="Rule"/>. Null means all
    /// products.
    /// </summary>
    public PoolDefinition? Pool { get; set; }

    /// <summary>An inline rule, resolved on the model that is asked; null means all products.</summary>
    public ResolvedPool? Rule { get; set; }

    /// <summary>The saved pool or the rule that holds no product of the snapshot, or null.</summary>
    public ResolvedPool? EmptyPool =>
        SavedPool is { Count: 0 } ? SavedPool : Rule is { Count: 0 } ? Rule : null;

    /// <summary>The inline pool, when <see cref="HasPool"/>.</summary>
    public List<string> PoolProductIds { get; } = [];

    /// <summary>Whether the inline pool counts; an empty one then means no product.</summary>
    public bool HasPool { get; set; }

    /// <summary>The blocked products, resolved on the model that is asked; null means none.</summary>
    public ResolvedPool? Blocked { get; set; }

    /// <summary>Never in the answer.</summary>
    public List<string> ExcludedProductIds { get; } = [];
}
