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
/// <param name="Support">Users who purchased both.</param>
/// <param name="Confidence">Support / purchasers of the asked product.</param>
/// <param name="Lift">Confidence / this product's share of all users.</param>
public readonly record struct RelatedProduct(Model.ProductOrdinal Product, float Strength, int Support, double Confidence, double Lift);
