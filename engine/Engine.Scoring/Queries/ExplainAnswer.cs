using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Queries;

/// <summary>
/// One explained score, reusable. Ordinals are of the model that was asked: turn them into ids before its lease ends.
/// </summary>
public sealed class ExplainAnswer
{
    private (int[] Products, ushort[] Days, byte[] Types, ushort[] Counts)? _since;

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

    /// <summary>What the user did, as it counts for the score: with the events, or as it is stored.</summary>
    /// <param name="snapshot">The snapshot that answered.</param>
    /// <param name="userId">The user of the query; empty for a basket alone.</param>
    public HistoryRow HistoryOf(Snapshot snapshot, string userId) =>
        _since is var (products, days, types, counts) ? new HistoryRow(products, days, types, counts)
        : snapshot.UserIds.Find(userId) is >= 0 and var user ? snapshot.History.Row(user)
        : default;

    internal void KeepHistory((int[] Products, ushort[] Days, byte[] Types, ushort[] Counts) rows) => _since = rows;

    internal void KeepIds(IdTable ids)
    {
        foreach (var term in Explanations.Count > 0 ? Explanations.Terms(0) : [])
        {
            TermProductIds.Add(term.Product is { } product ? ids.Utf8(product.Value) : []);
        }
    }

    internal void Clear()
    {
        (Source, _since) = (ScoreSource.None, null);
        Explanations.Clear();
        TermProductIds.Clear();
        Skipped.Clear();
    }
}
