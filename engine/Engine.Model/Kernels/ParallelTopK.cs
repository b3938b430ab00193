namespace Engine.Model.Kernels;

/// <summary>
/// One search over many rows by several threads: the users who want one product. Meant for rows without an order and for a
/// large K: one pass over the codes at the speed of memory, started with a threshold guessed from a sample. A guess that was
/// too high is noticed and the search is done again by <see cref="TopKIndex"/>, so the answer is always the exact one, the
/// same at any number of threads. One search at a time per instance.
/// </summary>
public sealed unsafe class ParallelTopK
{
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

    /// <summary>The best eligible rows by (score descending, ordinal ascending), and the curve of all eligible scores.</summary>
    /// <param name="query">Vector, sparse part and eligible rows.</param>
    /// <param name="best">Receives the answer; its length is K, at most <see cref="MaximumK"/> or the number of rows.</param>
    /// <param name="curve">Filled in the same pass when given.</param>
    /// <returns>Entries written.</returns>
    public int Search(in TopKQuery query, Span<ScoredProduct> best, AudienceCurve? curve = null)
    {
        query.Check(_index.Rows);
        var k = Math.Min(best.Length, _index.Rows.Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaximumK);
        var marks = _scratch.Marks(_index.Codes.Blocks);
        Mark(query, marks);
        fixed (float* vector = query.Vector)
        fixed (ulong* eligible = query.Eligible, marked = marks)
        {
            var job = new ScanJob(vector, query.Vector.Length, query.Eligible.IsEmpty ? null : eligible, marked);
            var sample = ScanSample.Take(_index, job, k);
            // Where scores may overflow there is no bound: the curve stays empty and the plain search answers.
            if (curve is not null)
            {
                Begin(curve, query, sample);
            }

            if (sample.IsBounded)
            {
                Scan(job, sample.Floor, k, curve);
            }

            ClearMarks(query, marks);
            var answered = sample.IsBounded ? Collect(query, k, sample.Floor, best, curve) : -1;
            return answered >= 0 ? answered : _index.Search(query, best, _scratch);
        }
    }

    /// <summary>Spreads the thresholds over the sample's scores and those of the sparse rows, where the best mostly are.</summary>
    private void Begin(AudienceCurve curve, in TopKQuery query, ScanSample sample)
    {
        var (low, high) = (sample.Low, sample.High);
        foreach (var term in sample.IsBounded ? query.Sparse : [])
        {
            if (query.Eligible.IsEmpty || (query.Eligible[term.Ordinal / 64] >> term.Ordinal & 1) != 0)
            {
                var score = DotProduct.Score(query.Vector, _index.Rows[term.Ordinal]) + term.Addend;
                (low, high) = (MathF.Min(low, score), MathF.Max(high, score));
            }
        }

        curve.Begin(low, high);
    }

    private static void Mark(in TopKQuery query, Span<ulong> marks)
    {
        foreach (var ordinal in query.Excluded)
        {
            marks[ordinal / 64] |= 1ul << ordinal;
        }

        foreach (var term in query.Sparse)
        {
            marks[term.Ordinal / 64] |= 1ul << term.Ordinal;
        }
    }

    private static void ClearMarks(in TopKQuery query, Span<ulong> marks)
    {
        foreach (var ordinal in query.Excluded)
        {
            marks[ordinal / 64] = 0;
        }

        foreach (var term in query.Sparse)
        {
            marks[term.Ordinal / 64] = 0;
        }
    }

    private void Scan(ScanJob job, float floor, int k, AudienceCurve? curve)
    {
        if (_workers.Length == 1)
        {
            _workers[0].Run(job, floor, k, curve);
        }
        else
        {
            Parallel.ForEach(
                _workers, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, worker => worker.Run(job, floor, k, curve));
        }

        foreach (var worker in _workers)
        {
            worker.AddTo(curve);
        }
    }

    /// <summary>Scores candidates and sparse rows exactly; -1 if the floor was too high or candidates were lost.</summary>
    private int Collect(in TopKQuery query, int k, float floor, Span<ScoredProduct> best, AudienceCurve? curve)
    {
        var heap = new TopKHeap(_scratch.Keys(k));
        var excluded = 0;
        foreach (var term in query.Sparse)
        {
            while (excluded < query.Excluded.Length && query.Excluded[excluded] < term.Ordinal)
            {
                excluded++;
            }

            var isExcluded = excluded < query.Excluded.Length && query.Excluded[excluded] == term.Ordinal;
            if (!isExcluded && (query.Eligible.IsEmpty || (query.Eligible[term.Ordinal / 64] >> term.Ordinal & 1) != 0))
            {
                var score = DotProduct.Score(query.Vector, _index.Rows[term.Ordinal]) + term.Addend;
                curve?.Add(score);
                heap.Push(RankKey.Pack(score, term.Ordinal));
            }
        }

        var complete = true;
        foreach (var worker in _workers)
        {
            complete &= worker.Candidates.IsComplete;
            worker.PushTo(ref heap, query.Vector);
        }

        // Rows were dropped for scoring at most the floor: the answer stands if K rows score more.
        var enough = float.IsNegativeInfinity(floor) || (heap.Count == k && RankKey.Score(heap.Worst) > floor);
        return complete && (enough || k == 0) ? heap.SortInto(best) : -1;
    }
}
