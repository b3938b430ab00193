using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;

namespace Engine.Kernels.Search;

/// <summary>
/// Exact search at the speed of memory: answers as <see cref="PlainTopK"/> does, bit for bit, and reads a small part of
/// what it reads. Eight-bit codes with a proven error bound say which rows can still enter; only those are scored
/// exactly, by the canonical dot product. Rows in descending norm make whole tails of the matrix impossible after the
/// first few blocks; any other order is as exact, and slower. Immutable; any number of threads may search at once.
/// </summary>
public sealed class TopKIndex
{
    private TopKIndex(RowCodes codes)
    {
        Codes = codes;
        Bounds = new BlockBounds(codes);
    }

    /// <summary>The coded rows.</summary>
    public RowCodes Codes { get; }

    /// <summary>The rows.</summary>
    public FactorRows Rows => Codes.Rows;

    internal BlockBounds Bounds { get; }

    /// <summary>Codes the rows and prepares their bounds.</summary>
    /// <param name="rows">The rows; finite. Their memory must outlive the index.</param>
    /// <param name="rateColumns">
    /// Trailing columns bounded by themselves: those whose size has nothing to do with the factors', such as log rates.
    /// </param>
    /// <param name="cancellation">Seen within a fraction of a second.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static TopKIndex Build(FactorRows rows, int rateColumns = 0, CancellationToken cancellation = default) =>
        new(RowCoder.Encode(rows, rateColumns, cancellation));

    /// <summary>Gives the memory of the codes back; nobody may search any more.</summary>
    public void Release() => Codes.Release();

    /// <summary>The best eligible rows by (score descending, ordinal ascending).</summary>
    /// <param name="query">Vector, sparse part and eligible rows.</param>
    /// <param name="best">Receives the answer; its length is K.</param>
    /// <param name="scratch">Working memory.</param>
    /// <returns>Entries written: K, or fewer if fewer rows are eligible.</returns>
    public int Search(in TopKQuery query, Span<ScoredRow> best, TopKScratch scratch) =>
        Search(query, best, scratch, out _);

    /// <summary>The same, with what the search touched.</summary>
    public unsafe int Search(
        in TopKQuery query, Span<ScoredRow> best, TopKScratch scratch, out SearchStatistics statistics)
    {
        query.Check(Rows);
        statistics = default;
        var k = Math.Min(best.Length, Rows.Rows);
        if (k == 0)
        {
            return 0;
        }

        var memory = scratch.Query(Codes.CodedColumns);
        var coded = new CodedQuery(Codes, query.Vector, memory);
        if (!coded.IsBounded)
        {
            return Wanted(query, best[..PlainTopK.Search(Rows, query, best, scratch)]);
        }

        fixed (float* vector = query.Vector)
        {
            var sums = query.Sums ?? scratch.Sums(query.Sparse, Rows.Rows);
            var scan =
                new TopKScan(this, query, sums, coded, vector, memory, scratch.Keys(k), scratch.Marks(Codes.Blocks));
            scan.Exclude(query.Excluded);
            scan.ScoreSparse();
            scan.Run();
            scan.ClearMarks(query.Excluded);
            statistics = scan.Statistics;
            GC.KeepAlive(memory);
            GC.KeepAlive(sums);
            GC.KeepAlive(this);
            query.Cancellation.ThrowIfCancellationRequested();
            return Wanted(query, best[..scan.Finish(best)]);
        }
    }

    private static int Wanted(in TopKQuery query, ReadOnlySpan<ScoredRow> best)
    {
        var count = best.Length;
        var least = query.Least ?? float.NegativeInfinity;
        if (query.Near > 0 && query.Near <= count)
        {
            least = MathF.Max(least, TopKQuery.LeastNear(best[query.Near - 1].Score, query.Slack));
        }

        while (count > 0 && best[count - 1].Score <= least)
        {
            count--;
        }

        return count;
    }
}
