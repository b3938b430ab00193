namespace Engine.Scoring.Pools;

/// <summary>
/// A pool as it was declared: a rule, a list of products, or both, and then both must hold. Immutable; what it holds in
/// a snapshot is <see cref="ResolvedPool"/>.
/// </summary>
/// <param name="Name">For messages and counts.</param>
/// <param name="Rule">Empty when the list alone is the pool.</param>
/// <param name="ProductIds">Opaque, case-sensitive; may be empty beside a rule.</param>
/// <param name="Version">Grows by one with each save.</param>
public sealed record PoolDefinition(string Name, string Rule, IReadOnlyList<string> ProductIds, long Version = 0)
{
    /// <summary>A rule without a name.</summary>
    public static PoolDefinition OfRule(string rule) => new("", rule, []);

    /// <summary>A list without a name.</summary>
    public static PoolDefinition OfIds(IReadOnlyList<string> ids) => new("", "", ids);
}
