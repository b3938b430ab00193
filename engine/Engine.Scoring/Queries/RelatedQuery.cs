using Engine.Snapshots;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>Which products go with this one.</summary>
public sealed class RelatedQuery
{
    /// <summary>Opaque, case-sensitive.</summary>
    public string ProductId { get; set; } = "";

    /// <summary>1..10,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>Which products compete.</summary>
    public ProductFilter Filter { get; } = new();

    /// <summary>Count the eligible products, rank nothing.</summary>
    public bool ValidateOnly { get; set; }
}

/// <summary>One related product.</summary>
/// <param name="Product">Which.</param>
/// <param name="Strength">Shrunk cosine over purchasers, 0..1.</param>
/// <param name="Figures">Support, confidence and lift.</param>
/// <param name="PartialCorrelation">How strongly both go together beyond what the products around them explain, -1..1; null in older snapshots.</param>
public readonly record struct RelatedProduct(
    ProductOrdinal Product, float Strength, RelatedFigures Figures, float? PartialCorrelation);
