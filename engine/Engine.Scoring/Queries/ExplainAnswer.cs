using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>
/// One explained score, reusable. Ordinals are of the model that was asked: turn them into ids before its lease ends.
/// </summary>
public sealed class ExplainAnswer
{
    /// <summary>The user's events that are later than the data of the snapshot.</summary>
    public int EventCount { get; internal set; }

    /// <summary>The product that was asked about.</summary>
    public ProductOrdinal Product { get; internal set; }

    /// <summary>Where the score comes from.</summary>
    public ScoreSource Source { get; internal set; }

    /// <summary>One explanation; none when <see cref="Source"/> is <see cref="ScoreSource.None"/>.</summary>
    public Explanations Explanations { get; } = new();

    /// <summary>
    /// One id a term, empty when the term comes from no product; when <see cref="RecommendationEngine"/> answered.
    /// </summary>
    public AnswerIds TermProductIds { get; } = new();

    /// <summary>Ids of the query that were skipped, with the reason.</summary>
    public SkippedIds Skipped { get; } = new();

    internal void KeepIds(IdTable ids)
    {
        foreach (var term in Explanations.Count > 0 ? Explanations.Terms(0) : [])
        {
            TermProductIds.Add(term.Product is { } product ? ids.Utf8(product.Value) : []);
        }
    }

    internal void Clear()
    {
        Source = ScoreSource.None;
        Explanations.Clear();
        TermProductIds.Clear();
        Skipped.Clear();
    }
}
