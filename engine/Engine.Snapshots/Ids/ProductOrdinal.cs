namespace Engine.Snapshots.Ids;

/// <summary>
/// A product's row in one snapshot, 0-based, in descending norm of its factors. Never leaves the lease of that
/// snapshot: outside, products have ids.
/// </summary>
public readonly record struct ProductOrdinal(int Value);
