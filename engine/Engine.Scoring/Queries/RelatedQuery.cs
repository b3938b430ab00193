using Engine.Snapshots;

namespace Engine.Scoring.Queries;

/// <summary>Find the products that go with one product.</summary>
public sealed class RelatedQuery
{
    /// <summary>Opaque, case-sensitive.</summary>
    public string ProductId { get; set; } = "";

    /// <summary>1..10,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>Pairs that fewer users purchased are left out; 1 or more, 1 shows all.</summary>
    public int MinSupport { get; set; } = RelatedFigures.DefaultMinSupport;

    /// <summary>Which products compete.</summary>
    public ProductFilter Filter { get; } = new();

    /// <summary>Count the eligible products, rank nothing.</summary>
    public bool ValidateOnly { get; set; }
}
