using Engine.Kernels.Search;
using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>
/// The answer to a <see cref="RecommendQuery"/>, reusable: after warm-up filling it allocates nothing. Ordinals are of
/// the model that was asked: turn them into ids before its lease ends.
/// </summary>
public sealed class RecommendAnswer
{
    private ScoredRow[] _products = [];
    private int _count;

    /// <summary>Best first; ties by ordinal.</summary>
    public ReadOnlySpan<ScoredProduct> Products => ScoredRow.As<ScoredProduct>(_products.AsSpan(0, _count));

    /// <summary>The ids of <see cref="Products"/>, when <see cref="RecommendationEngine"/> answered.</summary>
    public AnswerIds ProductIds { get; } = new();

    /// <summary>Ids and scores, when <see cref="RecommendationEngine"/> answered; allocates a string a row.</summary>
    public IEnumerable<(string ProductId, float Score)> Rows =>
        Enumerable.Range(0, ProductIds.Count).Select(i => (ProductIds[i], _products[i].Score));

    /// <summary>Where the scores come from.</summary>
    public ScoreSource Source { get; internal set; }

    /// <summary>The version of the events that the query saw; 0 for none.</summary>
    public long EventsVersion { get; internal set; }

    /// <summary>The user's events that are later than the data of the snapshot.</summary>
    public int EventCount { get; internal set; }

    /// <summary>Products that competed.</summary>
    public int EligibleCount { get; internal set; }

    /// <summary>Products that the saved pool removed.</summary>
    public int RemovedBySavedPool { get; internal set; }

    /// <summary>Products that the inline rule removed after that.</summary>
    public int RemovedByRule { get; internal set; }

    /// <summary>Products that the inline pool removed after that.</summary>
    public int RemovedByPool { get; internal set; }

    /// <summary>Products that are blocked, of those left after that.</summary>
    public int RemovedByBlocked { get; internal set; }

    /// <summary>Products that the exclusions removed after that.</summary>
    public int RemovedByExclusion { get; internal set; }

    /// <summary>Products that the purchased policy removed after that.</summary>
    public int RemovedByPurchased { get; internal set; }

    /// <summary>
    /// When the query asks for them: one explanation for each of <see cref="Products"/>, in their order.
    /// </summary>
    public Explanations Explanations { get; } = new();

    /// <summary>Ids of the query that were skipped, with the reason.</summary>
    public SkippedIds Skipped { get; } = new();

    /// <summary>Room for <paramref name="count"/> products.</summary>
    internal Span<ScoredRow> Reserve(int count)
    {
        if (_products.Length < count)
        {
            _products = new ScoredRow[Math.Max(count, _products.Length * 2)];
        }

        return _products.AsSpan(0, count);
    }

    /// <summary>How many of the reserved products are filled.</summary>
    internal void Fill(int count) => _count = count;

    internal void KeepIds(IdTable ids)
    {
        foreach (var product in Products)
        {
            ProductIds.Add(ids, product.Product.Value);
        }
    }

    /// <summary>What each clause removed.</summary>
    internal void FillCounts(int products, EligibleCounts left)
    {
        RemovedBySavedPool = products - left.Saved;
        RemovedByRule = left.Saved - left.Rule;
        RemovedByPool = left.Rule - left.Listed;
        RemovedByBlocked = left.Listed - left.Blocked;
        RemovedByExclusion = left.Blocked - left.Exclusion;
        EligibleCount = left.Exclusion;
    }

    internal void Clear()
    {
        _count = 0;
        Source = ScoreSource.None;
        EventsVersion = EventCount = 0;
        EligibleCount = RemovedBySavedPool =
            RemovedByRule = RemovedByPool = RemovedByBlocked = RemovedByExclusion = RemovedByPurchased = 0;
        ProductIds.Clear();
        Explanations.Clear();
        Skipped.Clear();
    }
}
