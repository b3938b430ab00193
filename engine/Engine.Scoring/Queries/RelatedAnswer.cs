using Engine.Scoring.Ids;

namespace Engine.Scoring.Queries;

/// <summary>The answer to a <see cref="RelatedQuery"/>, reusable.</summary>
public sealed class RelatedAnswer
{
    private readonly List<RelatedProduct> _products = [];

    /// <summary>Strongest first.</summary>
    public IReadOnlyList<RelatedProduct> Products => _products;

    /// <summary>Related products that competed.</summary>
    public int EligibleCount { get; internal set; }

    /// <summary>Ids that took no part.</summary>
    public SkippedIds Skipped { get; } = new();

    internal void Add(in RelatedProduct product) => _products.Add(product);

    internal void Clear()
    {
        _products.Clear();
        EligibleCount = 0;
        Skipped.Clear();
    }
}
