using Engine.Snapshots;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>One related product.</summary>
/// <param name="Product">Which.</param>
/// <param name="Strength">Shrunk asymmetric cosine over purchasers, 0..1.</param>
/// <param name="Figures">Support, confidence and lift.</param>
/// <param name="PartialCorrelation">
/// How strongly both go together beyond what the products around them explain, -1..1; null in older snapshots.
/// </param>
public readonly record struct RelatedProduct(
    ProductOrdinal Product, float Strength, RelatedFigures Figures, float? PartialCorrelation);
