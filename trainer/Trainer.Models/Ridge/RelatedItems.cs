using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// Related items of each item: ranked by a shrunk cosine in which the popularity of the item itself counts more than
/// that of the related one, with the partial correlation that other items do not explain.
/// </summary>
/// <param name="Cosine">Neighbors of every item; more of them than are shown, since the correlations need them.</param>
/// <param name="Partials">The <see cref="PartialCorrelation"/> of each of its entries.</param>
/// <param name="Supports">Users who have both, of each entry.</param>
/// <param name="Buyers">Users of each item, then all users.</param>
/// <param name="Most">How many of an item are shown, the strongest.</param>
public sealed record RelatedItems(SimilarityMatrix Cosine, float[] Partials, int[] Supports, int[] Buyers, int Most)
{
    // Items that each regression uses, and entries of each row of the Gram.
    private const int Neighbors = 24;
    private const int GramNeighbors = 192;

    // Of held-out purchases that go together this order finds more than the cosine, whose exponents are both .5, on
    // every data that was tried. Their sum is 1, so strengths are within 0..1.
    private const double TargetExponent = 0.35;

    /// <summary>No related items.</summary>
    public static RelatedItems Empty(int items) => new(SimilarityMatrix.Empty(items), [], [], new int[items + 1], 0);

    /// <summary>Computes both.</summary>
    /// <param name="interactions">Users by items.</param>
    /// <param name="most">How many of an item are shown.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static RelatedItems Compute(InteractionMatrix interactions, int most, RunContext run)
    {
        var options = new SimilarityOptions
        {
            Neighbors = Math.Max(most, GramNeighbors),
            UserExponent = 0,
            SourceExponent = 1 - TargetExponent,
            TargetExponent = TargetExponent,
        };
        var cosine = ItemSimilarity.Compute(interactions, options, run);

        // The cosine counts what stays of long histories; people are shown all of it.
        var supports = interactions.RowCount > 0
            && interactions.RowLength(interactions.LongestRowsFirst[0]) > options.HistoryCap
            ? CommonUsers.Count(cosine, interactions, run)
            : cosine.Supports;
        return new RelatedItems(
            cosine,
            PartialCorrelation.Compute(cosine, Neighbors, 1, run),
            supports,
            [.. interactions.ColumnCounts(), interactions.RowCount],
            most);
    }
}
