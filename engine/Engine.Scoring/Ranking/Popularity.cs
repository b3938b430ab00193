using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Scoring.Eligibility;
using Engine.Snapshots;

namespace Engine.Scoring.Ranking;

/// <summary>The order for unknown users: purchasers in the scope year, most first, ties by ordinal.</summary>
internal static class Popularity
{
    /// <summary>
    /// Fills <paramref name="best"/> with the competing products; the score is the number of purchasers.
    /// </summary>
    public static int Rank(Snapshot snapshot, UserProducts products, Span<ScoredRow> best, TopKScratch scratch)
    {
        var heap = new TopKHeap(scratch.Keys(best.Length));
        for (var product = 0; product < snapshot.Manifest.ProductCount; product++)
        {
            if (products.Contains(product))
            {
                heap.Push(RankKey.Pack(snapshot.ProductBuyers[product], product));
            }
        }

        return heap.SortInto(best);
    }
}
