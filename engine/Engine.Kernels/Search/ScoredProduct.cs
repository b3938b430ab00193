namespace Engine.Kernels.Search;

/// <summary>One entry of a ranking: a row's ordinal and its score.</summary>
/// <param name="Ordinal">The product's (or, in reverse, the user's) row in the snapshot.</param>
/// <param name="Score">The combined score.</param>
public readonly record struct ScoredProduct(int Ordinal, float Score);
