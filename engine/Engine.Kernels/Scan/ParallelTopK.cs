using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Scan;

/// <summary>
/// One search over many rows by several threads: the users who want one product. Meant for a large K: one pass over the
/// codes at the speed of memory. The answer is the exact one, the same at any number of threads; more rows whose order
/// codes cannot tell than a list holds are left to <see cref="TopKIndex"/>. Rows may be in any order; in descending
/// norm a search without a curve skips those that cannot reach the K-th score. One search at a time per instance.
/// </summary>
public sealed unsafe class ParallelTopK
{
    private const int SampledTerms = 4096;

    private readonly TopKIndex _index;
    private readonly ScanWorker[] _workers;
    private readonly TopKScratch _scratch = new();

    /// <summary>Searches over <paramref name="index"/> for up to <paramref name="maximumK"/> rows.</summary>
    public ParallelTopK(TopKIndex index, int maximumK, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximumK);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _index = index;
        MaximumK = Math.Min(maximumK, index.Rows.Rows);
        _workers = new ScanWorker[threads];
        for (var i = 0; i < threads; i++)
        {
            _workers[i] = new ScanWorker(index, Math.Max(1, MaximumK));
        }
    }

    /// <summary>The largest K that can be asked for.</summary>
    public int MaximumK { get; }

    /// <summary>
    /// The best eligible rows by (score descending, ordinal ascending), and the curve of all eligible scores.
    /// </summary>
    /// <param name="query">Vector, sparse part and eligible rows.</param>
    /// <param name="best">
    /// Receives the answer; its length is K, at most <see cref="MaximumK"/> or the number of rows.
    /// </param>
    /// <param name="curve">Filled in the same pass when given.</param>
    /// <returns>Entries written.</returns>
    public int Search(in TopKQuery query, Span<ScoredRow> best, AudienceCurve? curve = null) =>
        Search(query, best, curve, out _);

    /// <summary>The same, with what the search touched; filled also when it is canceled.</summary>
    public int Search(in TopKQuery query, Span<ScoredRow> best, AudienceCurve? curve, out SearchStatistics statistics)
    {
        query.Check(_index.Rows);
        statistics = default;
        var k = Math.Min(best.Length, _index.Rows.Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaximumK);
        var memory = _scratch.Query(_index.Codes.CodedColumns);
        var coded = new CodedQuery(_index.Codes, query.Vector, memory);
        // Where scores may overflow there is no bound: the curve stays empty and the plain search answers.
        if (!coded.IsBounded || !AreBounded(query.Sparse))
        {
            curve?.Begin(0, 0);
            return _index.Search(query, best, _scratch, out statistics);
        }

        var marks = query.Excluded.IsEmpty ? [] : _scratch.Marks(_index.Codes.Blocks);
        Mark(query.Excluded, marks);
        int answered;
        fixed (float* vector = query.Vector)
        fixed (ulong* eligible = query.Eligible, marked = marks)
        fixed (SparseTerm* terms = query.Sparse)
        {
            var job = new ScanJob(
                vector, query.Vector.Length, eligible, marked, terms, query.Sparse.Length, query.Cancellation);
            if (curve is not null)
            {
                StreamScan.Memory rows;
                var scan = new StreamScan(_index.Codes, coded, memory, query.Sparse, &rows, null, null);
                Begin(curve, query, ScanSample.Take(ref scan, _index.Codes, job));
            }

            Scan(job, k, curve);
            answered = job.IsCanceled ? Count(ref statistics) : Collect(job, best[..k], ref statistics);
        }

        ClearMarks(query.Excluded, marks);
        GC.KeepAlive(_index);
        query.Cancellation.ThrowIfCancellationRequested();
        return answered >= 0 ? answered : _index.Search(query, best, _scratch, out statistics);
    }

    /// <summary>
    /// Spreads the thresholds over the sample's scores and those of sparse rows, where the best mostly are.
    /// </summary>
    private void Begin(AudienceCurve curve, in TopKQuery query, ScanSample sample)
    {
        var (low, high) = (sample.Low, sample.High);
        var step = 1 + (query.Sparse.Length / SampledTerms);
        for (var i = 0; i < query.Sparse.Length; i += step)
        {
            var term = query.Sparse[i];
            if (query.Eligible.IsEmpty || (query.Eligible[term.Ordinal / 64] >> term.Ordinal & 1) != 0)
            {
                var score = DotProduct.Score(query.Vector, _index.Rows[term.Ordinal]) + term.Addend;
                (low, high) = (MathF.Min(low, score), MathF.Max(high, score));
            }
        }

        curve.Begin(low, high);
    }

    private static bool AreBounded(ReadOnlySpan<SparseTerm> terms)
    {
        var largest = 0f;
        foreach (var term in terms)
        {
            largest = MathF.Max(largest, MathF.Abs(term.Addend));
        }

        return largest < StreamScan.LargestAddend;
    }

    private static void Mark(ReadOnlySpan<int> excluded, Span<ulong> marks)
    {
        foreach (var ordinal in excluded)
        {
            marks[ordinal / 64] |= 1ul << ordinal;
        }
    }

    private static void ClearMarks(ReadOnlySpan<int> excluded, Span<ulong> marks)
    {
        foreach (var ordinal in excluded)
        {
            marks[ordinal / 64] = 0;
        }
    }

    private void Scan(ScanJob job, int k, AudienceCurve? curve)
    {
        ForEach(worker => worker.Run(job, k, curve));
        foreach (var worker in _workers)
        {
            if (curve is not null)
            {
                worker.AddTo(curve);
            }
        }
    }

    /// <summary>What a canceled scan has read.</summary>
    private int Count(ref SearchStatistics statistics)
    {
        var blocks = _workers.Sum(worker => worker.Blocks);
        statistics = new(blocks, blocks * _index.Codes.CodedColumns, 0);
        return 0;
    }

    /// <summary>Scores the candidates exactly and orders them; -1 if candidates were lost.</summary>
    private int Collect(ScanJob job, Span<ScoredRow> best, ref SearchStatistics statistics)
    {
        var (candidates, blocks) = (0, 0);
        foreach (var worker in _workers)
        {
            if (!worker.Candidates.IsComplete)
            {
                return -1;
            }

            candidates += worker.Candidates.Count;
            blocks += worker.Blocks;
        }

        var floor = Floor(candidates, best.Length);
        ForEach(worker => worker.Rescore(job, floor));
        var keys = _scratch.Keys(candidates);
        var count = 0;
        foreach (var worker in _workers)
        {
            worker.Keys.CopyTo(keys[count..]);
            count += worker.Keys.Length;
        }

        statistics = new(blocks, blocks * _index.Codes.CodedColumns, count);
        keys = RadixSort.Sort(keys[..count], _scratch.SpareKeys(count), _scratch.Counts());
        count = Math.Min(count, best.Length);
        for (var i = 0; i < count; i++)
        {
            best[i] = new(RankKey.Ordinal(keys[i]), RankKey.Score(keys[i]));
        }

        return count;
    }

    private void ForEach(Action<ScanWorker> work)
    {
        if (_workers.Length == 1)
        {
            work(_workers[0]);
            return;
        }

        Parallel.ForEach(_workers, ThreadChoice.Of(_workers.Length), work);
    }

    /// <summary>The K-th largest lower bound of all candidates, which the K-th best score reaches.</summary>
    private float Floor(int candidates, int k)
    {
        if (k == 0 || candidates < k)
        {
            return float.NegativeInfinity;
        }

        var lows = _scratch.Floats(candidates);
        var at = 0;
        foreach (var worker in _workers)
        {
            worker.Candidates.Lows.CopyTo(lows[at..]);
            at += worker.Candidates.Count;
        }

        return KthLargest.Find(lows, k, _scratch.Counts());
    }
}
