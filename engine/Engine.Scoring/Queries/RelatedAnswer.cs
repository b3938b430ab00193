using Engine.Scoring.Ids;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>The answer to a <see cref="RelatedQuery"/>, reusable.</summary>
public sealed class RelatedAnswer
{
    private readonly List<RelatedProduct> _products = [];

    /// <summary>Strongest first.</summary>
    public IReadOnlyList<RelatedProduct> Products => _products;

    /// <summary>The ids of <see cref="Products"/>, when <see cref="RecommendationEngine"/> answered.</summary>
    public AnswerIds ProductIds { get; } = new();

    /// <summary>Related products that competed.</summary>
    public int EligibleCount { get; internal set; }

    /// <summary>Related products that would have competed but for <see cref="RelatedQuery.MinSupport"/>.</summary>
    public int BelowMinSupportCount { get; internal set; }

    /// <summary>Ids of the query that were skipped, with the reason.</summary>
    public SkippedIds Skipped { get; } = new();

    internal void Add(in RelatedProduct product) => _products.Add(product);

    internal void KeepIds(IdTable ids)
    {
        foreach (var product in _products)
        {
            ProductIds.Add(ids, product.Product.Value);
        }
    }

    internal void Clear()
    {
        _products.Clear();
        (EligibleCount, BelowMinSupportCount) = (0, 0);
        ProductIds.Clear();
        Skipped.Clear();
    }
}
