using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Search;

/// <summary>
/// The state of one search through a <see cref="TopKIndex"/>. Its pointers are fixed by the index for its lifetime.
/// </summary>
internal unsafe ref struct TopKScan
{
    /// <summary>A group of blocks with so few eligible rows goes straight to exact scores.</summary>
    private const int FewRows = 3;

    /// <summary>As many rows for each one asked for have scored enough to need no sample of others.</summary>
    private const int SampledRows = 8;

    private readonly TopKIndex _index;
    private readonly RowCodes _codes;
    private readonly SparseBlocks _sparse;
    private readonly float* _addends;
    private readonly CodedQuery _query;
    private readonly float* _vector;
    private readonly ReadOnlySpan<ulong> _eligible;
    private readonly Span<ulong> _marks;
    private readonly int _capacity;
    private readonly int _near;
    private readonly float _slack;
    private readonly BlockFilter _filter;
    private readonly ThresholdSeed _sample;
    private readonly CancellationToken _cancellation;
    private TopKHeap _heap;
    private float _seed;
    private int _waitingFirst;
    private ulong _waiting;
    private int _codedBlocks;
    private int _columns;
    private int _exactRows;
    private int _sparseRows;

    public TopKScan(
        TopKIndex index,
        scoped in TopKQuery query,
        SparseSums? sums,
        CodedQuery coded,
        float* vector,
        QueryMemory memory,
        Span<ulong> keys,
        Span<ulong> marks)
    {
        _index = index;
        _codes = index.Codes;
        _sparse = new SparseBlocks(index.Codes, sums);
        _addends = sums is null ? null : sums.Pointer;
        _query = coded;
        _filter = new BlockFilter(index.Codes, coded, memory);
        _sample = new ThresholdSeed(memory);
        _vector = vector;
        _eligible = query.Eligible;
        _cancellation = query.Cancellation;
        _seed = query.Least ?? float.NegativeInfinity;
        _marks = marks;
        _capacity = keys.Length;
        (_near, _slack) = (query.Near > 0 ? query.Near : int.MaxValue, query.Slack);
        _heap = new TopKHeap(keys);
    }

    public readonly SearchStatistics Statistics => new(_codedBlocks, _columns, _exactRows);

    /// <summary>
    /// Scores the rows with a sparse part first: they raise the threshold early. Marks them as done; excluded rows come
    /// before.
    /// </summary>
    public void ScoreSparse()
    {
        for (var span = 0; span < _sparse.Spans; span++)
        {
            for (var blocks = _sparse.Blocks(span); blocks != 0;)
            {
                var block = (span * RowCodes.SpanBlocks) + SparseBlocks.TakeFirst(ref blocks);
                var first = block * RowCodes.BlockRows;
                var able =
                    _sparse.Able(_query, first, Floor(first), out var reached) & Eligible(block) & ~_marks[block];
                _marks[block] |= reached;
                _sparseRows += BitOperations.PopCount(reached);
                if (able != 0)
                {
                    Postpone(first, able);
                }
            }
        }

        ScoreExactly(_waitingFirst, _waiting);
        _waiting = 0;
    }

    /// <summary>Marks rows that may not be returned.</summary>
    public readonly void Exclude(ReadOnlySpan<int> ordinals)
    {
        foreach (var ordinal in ordinals)
        {
            _marks[ordinal / 64] |= 1ul << ordinal;
        }
    }

    /// <summary>Takes all marks back.</summary>
    public readonly void ClearMarks(ReadOnlySpan<int> ordinals)
    {
        for (var span = 0; span < _sparse.Spans; span++)
        {
            for (var blocks = _sparse.Blocks(span); blocks != 0;)
            {
                _marks[(span * RowCodes.SpanBlocks) + SparseBlocks.TakeFirst(ref blocks)] = 0;
            }
        }

        foreach (var ordinal in ordinals)
        {
            _marks[ordinal / 64] = 0;
        }
    }

    /// <summary>
    /// All rows that are not marked, block by block, until no later block can reach the threshold, or until it is
    /// canceled: then the caller clears the marks and throws.
    /// </summary>
    public void Run()
    {
        var bounds = stackalloc float[RowCodes.SpanBlocks];
        // Many rows with a sparse part are a better sample, and a least score is a floor already.
        var rank = Math.Min(_near, _capacity);
        if (float.IsNegativeInfinity(_seed) && _sparseRows < SampledRows * rank)
        {
            _seed = _sample.Floor(_codes, _query, rank, _eligible, _marks, ref _columns);
            _seed = rank == _near ? TopKQuery.LeastNear(_seed, _slack) : _seed;
        }

        for (var span = 0; span < _index.Bounds.Spans; span++)
        {
            var block = span * RowCodes.SpanBlocks;
            var floor = Floor(block * RowCodes.BlockRows);
            if (_index.Bounds.Suffix(_query, span) <= floor || _cancellation.IsCancellationRequested)
            {
                break;
            }

            var upper = _index.Bounds.Blocks(_query, span);
            if (!Vector512.GreaterThanAny(upper, Vector512.Create(floor)))
            {
                continue;
            }

            upper.Store(bounds);
            _filter.Enter(span);
            for (var group = 0; group < RowCodes.SpanBlocks
                && block + group < _codes.Blocks; group += BlockFilter.Group)
            {
                ScanGroup(block + group, bounds + group);
            }
        }

        ScoreExactly(_waitingFirst, _waiting);
        _waiting = 0;
    }

    /// <summary>Orders the answer.</summary>
    public readonly int Finish(Span<ScoredRow> best) => _heap.SortInto(best);

    /// <summary>
    /// Four blocks: which of their rows may count, which of those survive the filter, and those exactly.
    /// </summary>
    private void ScanGroup(int first, float* upper)
    {
        var rows = stackalloc ulong[BlockFilter.Group];
        var floor = Floor(first * RowCodes.BlockRows);
        var asked = 0;
        for (var i = 0; i < BlockFilter.Group; i++)
        {
            rows[i] = first + i < _codes.Blocks && upper[i] > floor ? Eligible(first + i) & ~_marks[first + i] : 0;
            asked += BitOperations.PopCount(rows[i]);
        }

        var isCoded = asked > FewRows && !float.IsNegativeInfinity(floor);
        if (isCoded)
        {
            _codedBlocks += BlockFilter.Group;
            _columns += BlockFilter.Group * 2 * _query.Stages[0].Pairs;
            _filter.First(first, floor, rows);
        }

        for (var i = 0; i < BlockFilter.Group; i++)
        {
            if (rows[i] != 0)
            {
                Postpone(
                    (first + i) * RowCodes.BlockRows,
                    isCoded ? _filter.Narrow(first + i, floor, rows[i], ref _columns) : rows[i]);
            }
        }
    }

    /// <summary>
    /// Asks for the rows' memory and scores those of the block before: the wait for memory passes while codes are read.
    /// </summary>
    private void Postpone(int first, ulong rows)
    {
        if (rows == 0)
        {
            return;
        }

        for (var rest = rows; rest != 0;)
        {
            Prefetch(first + TakeLowest(ref rest));
        }

        ScoreExactly(_waitingFirst, _waiting);
        (_waitingFirst, _waiting) = (first, rows);
    }

    /// <summary>Scores the rows named by bits, four at a time, and offers them.</summary>
    private void ScoreExactly(int first, ulong rows)
    {
        var stride = _codes.Rows.Stride;
        var count = BitOperations.PopCount(rows);
        _exactRows += count;
        for (; count >= 4; count -= 4)
        {
            var a = first + TakeLowest(ref rows);
            var b = first + TakeLowest(ref rows);
            var c = first + TakeLowest(ref rows);
            var d = first + TakeLowest(ref rows);
            var all = _codes.Rows;
            var scores = DotProduct.Score4(_vector, all.Row(a), all.Row(b), all.Row(c), all.Row(d), stride);
            if (_addends != null)
            {
                scores += Vector128.Create(_addends[a], _addends[b], _addends[c], _addends[d]);
            }

            _heap.Push(RankKey.Pack(scores.GetElement(0), a));
            _heap.Push(RankKey.Pack(scores.GetElement(1), b));
            _heap.Push(RankKey.Pack(scores.GetElement(2), c));
            _heap.Push(RankKey.Pack(scores.GetElement(3), d));
        }

        while (rows != 0)
        {
            ScoreExactly(first + TakeLowest(ref rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TakeLowest(ref ulong bits)
    {
        var lowest = BitOperations.TrailingZeroCount(bits);
        bits &= bits - 1;
        return lowest;
    }

    private void ScoreExactly(int row)
    {
        var score = DotProduct.Score(_vector, _codes.Rows.Row(row), _codes.Rows.Stride);
        _heap.Push(RankKey.Pack(_addends == null ? score : score + _addends[row], row));
    }

    private readonly void Prefetch(int row)
    {
        var address = (byte*)_codes.Rows.Row(row);
        for (var line = 0; line < _codes.Rows.Stride * sizeof(float) && Sse.IsSupported; line += 64)
        {
            Sse.Prefetch0(address + line);
        }
    }

    /// <summary>
    /// A score must be above this to enter from <paramref name="ordinal"/> or a later row: the K-th best score so far,
    /// or one float below it where an equal score would win by its lower ordinal; never below what the sample promised
    /// or what is wanted.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float Floor(int ordinal)
    {
        var least = _heap.Count < _near ? _seed : LeastNear();
        if (_heap.Count < _capacity)
        {
            return least;
        }

        var worst = _heap.Worst;
        var score = RankKey.Score(worst);
        if (float.IsNaN(score))
        {
            return least;
        }

        return MathF.Max(least, RankKey.Ordinal(worst) < ordinal ? score : MathF.BitDecrement(score));
    }

    private readonly float LeastNear()
    {
        var score = _heap.ScoreAt(_near);
        return float.IsNaN(score) ? _seed : MathF.Max(_seed, TopKQuery.LeastNear(score, _slack));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ulong Eligible(int block)
    {
        if (!_eligible.IsEmpty)
        {
            return _eligible[block];
        }

        var rest = _codes.Rows.Rows - (block * RowCodes.BlockRows);
        return rest >= RowCodes.BlockRows ? ulong.MaxValue : (1ul << rest) - 1;
    }
}
