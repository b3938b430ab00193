using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Search;

/// <summary>
/// Exact search by scoring every eligible row: the definition of a correct answer, and the twin of every faster search.
/// </summary>
public static class PlainTopK
{
    /// <summary>Rows scored at a time.</summary>
    private const int Chunk = 64;

    /// <summary>Rows between two looks at the cancellation.</summary>
    private const int CheckedRows = 4096;

    /// <summary>The best eligible rows by (score descending, ordinal ascending).</summary>
    /// <param name="matrix">The rows.</param>
    /// <param name="query">Vector, sparse part and eligible rows.</param>
    /// <param name="best">Receives the answer; its length is K.</param>
    /// <param name="scratch">Working memory.</param>
    /// <returns>Entries written: K, or fewer if fewer rows are eligible.</returns>
    public static int Search(FactorRows matrix, in TopKQuery query, Span<ScoredRow> best, TopKScratch scratch)
    {
        query.Check(matrix);
        var heap = new TopKHeap(scratch.Keys(Math.Min(best.Length, matrix.Rows)));
        Span<float> scores = stackalloc float[Chunk];
        int term = 0, excluded = 0;
        for (var first = 0; first < matrix.Rows; first += Chunk)
        {
            if (first % CheckedRows == 0)
            {
                query.Cancellation.ThrowIfCancellationRequested();
            }

            var count = Math.Min(Chunk, matrix.Rows - first);
            var eligible = query.Eligible.IsEmpty ? ulong.MaxValue : query.Eligible[first / Chunk];
            for (; excluded < query.Excluded.Length && query.Excluded[excluded] < first + count; excluded++)
            {
                eligible &= ~(1ul << (query.Excluded[excluded] - first));
            }

            DotProduct.ScoreRows(query.Vector, matrix, first, scores[..count]);
            for (; term < query.Sparse.Length && query.Sparse[term].Ordinal < first + count; term++)
            {
                scores[query.Sparse[term].Ordinal - first] += query.Sparse[term].Addend;
            }

            for (var i = 0; query.Sums is not null && i < count; i++)
            {
                scores[i] += query.Sums[first + i];
            }

            for (var i = 0; i < count; i++)
            {
                if ((eligible >> i & 1) != 0)
                {
                    heap.Push(RankKey.Pack(scores[i], first + i));
                }
            }
        }

        return heap.SortInto(best);
    }
}
