using System.Numerics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Scoring.Sets;
using Engine.Snapshots;

namespace Engine.Scoring.Ranking;

/// <summary>The order for users of whom nothing is known: purchasers in the scope year, most first, ties by ordinal.</summary>
internal static class Popularity
{
    /// <summary>Fills <paramref name="best"/> with eligible products; the score is the number of purchasers.</summary>
    public static int Rank(Snapshot snapshot, Bitset eligible, Span<ScoredProduct> best, TopKScratch scratch)
    {
        var heap = new TopKHeap(scratch.Keys(best.Length));
        var words = eligible.Words;
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                var product = (i * 64) + BitOperations.TrailingZeroCount(word);
                heap.Push(RankKey.Pack(snapshot.ProductBuyers[product], product));
            }
        }

        return heap.SortInto(best);
    }
}
