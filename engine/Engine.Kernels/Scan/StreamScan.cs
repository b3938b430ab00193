using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Kernels.Codes;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Scan;

/// <summary>
/// The 64 scores of one block after another, sparse part included, with their error; and, four blocks behind, the curve
/// that counts them. One pass of one thread.
/// </summary>
internal unsafe ref struct StreamScan
{
    /// <summary>Ints that the histograms of a curve take.</summary>
    public const int BinCount = StreamDots.Histograms * StreamDots.Bins;

    private readonly RowCodes _codes;
    private readonly CodedQuery _query;
    private readonly int _pairCount;
    private readonly ReadOnlySpan<SparseTerm> _terms;
    private readonly AudienceCurve? _curve;
    private readonly int* _bins;
    private readonly Memory* _memory;
    private bool _pending;
    private int _term;
    private int _nextTerm;

    /// <summary>A pass over <paramref name="codes"/>.</summary>
    /// <param name="codes">The rows.</param>
    /// <param name="query">The coded query.</param>
    /// <param name="columns">
    /// Its memory, whose pairs are put into the order of the columns: a pass reads them all, one after the other.
    /// </param>
    /// <param name="terms">The sparse part, by ascending row.</param>
    /// <param name="memory">Working memory that lives as long as the pass.</param>
    /// <param name="curve">What counts the scores, or null.</param>
    /// <param name="bins"><see cref="BinCount"/> zeros for the curve.</param>
    public StreamScan(
        RowCodes codes,
        CodedQuery query,
        QueryMemory columns,
        ReadOnlySpan<SparseTerm> terms,
        Memory* memory,
        AudienceCurve? curve,
        int* bins)
    {
        _codes = codes;
        _query = query;
        _pairCount = query.PairCount == 0 ? 0 : Arrange(columns, codes.CodedColumns);
        _terms = terms;
        _memory = memory;
        _curve = curve;
        _bins = bins;
        Point(0);
    }

    /// <summary>Scores of the last block.</summary>
    public readonly float* Scores => _memory->Scores;

    /// <summary>The sparse part of each row of the last block, or null when no row has one.</summary>
    public float* Addends { get; private set; }

    /// <summary>How far a score of the last block can be from the canonical one.</summary>
    public float Error { get; private set; }

    /// <summary>
    /// Largest magnitude of a sparse addend for which scores have a bound; dense ones are below it as well.
    /// </summary>
    public const float LargestAddend = 1e37f;

    /// <summary>
    /// Whether a row of <paramref name="block"/> has a sparse part. Blocks ascend, or <see cref="Seek"/> came before.
    /// </summary>
    public bool HasTerms(int block)
    {
        while (_nextTerm < block * RowCodes.BlockRows)
        {
            Point(_term + 1);
        }

        return _nextTerm - (block * RowCodes.BlockRows) < RowCodes.BlockRows;
    }

    /// <summary>Makes <paramref name="block"/> the next to be scored, anywhere.</summary>
    public void Seek(int block)
    {
        var (low, high) = (0, _terms.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _terms[middle].Ordinal < block * RowCodes.BlockRows ? (middle + 1, high) : (low, middle);
        }

        Point(low);
    }

    private void Point(int term)
    {
        _term = term;
        _nextTerm = term < _terms.Length ? _terms[term].Ordinal : int.MaxValue;
    }

    /// <summary>Reads the codes of four blocks, which <see cref="Score"/> then may be asked about.</summary>
    /// <param name="first">The first of them, a multiple of four.</param>
    public void Read(int first)
    {
        StreamDots.Add(
            _codes.Block(first),
            _codes.BlockBytes,
            _query.Pairs,
            _pairCount,
            _pending ? _memory->Places : null,
            _bins,
            _memory->Sums);
        _pending = _curve is not null;
        if (_pending)
        {
            new Span<ushort>(_memory->Places, StreamDots.Rows).Clear();
        }
    }

    /// <summary>Scores one of the four blocks.</summary>
    /// <param name="block">The block.</param>
    /// <param name="rows">The rows that the curve counts.</param>
    /// <param name="floor">A score.</param>
    /// <returns>The rows whose score, raised by its error, can be above <paramref name="floor"/>.</returns>
    public ulong Score(int block, ulong rows, float floor)
    {
        var (row, at) = (block * RowCodes.BlockRows, block % StreamDots.Group * RowCodes.BlockRows);
        var scores = _memory->Scores;
        var error = BlockScores.Error(_codes, _query, block);
        var cut = Vector512.Create(MathF.BitDecrement(floor - error));
        var scale = Vector512.Create(_codes.BlockScales[block] * _query.Scale);
        var offset = Vector512.Create(_query.Stages[^1].Offset);
        var (a, b) = Vector512.Widen(Vector512.Load(_memory->Sums + at) + offset);
        var (c, d) = Vector512.Widen(Vector512.Load(_memory->Sums + at + 32) + offset);
        var above = Take(BlockScores.Finish(_codes, _query, a, scale, row), cut, scores)
            | (Take(BlockScores.Finish(_codes, _query, b, scale, row + 16), cut, scores + 16) << 16)
            | (Take(BlockScores.Finish(_codes, _query, c, scale, row + 32), cut, scores + 32) << 32)
            | (Take(BlockScores.Finish(_codes, _query, d, scale, row + 48), cut, scores + 48) << 48);
        Addends = null;
        Error = error;
        if (_nextTerm - row < RowCodes.BlockRows && HasTerms(block))
        {
            AddTerms(block);
            above = BlockScores.Above(scores, floor, Error);
        }

        if (_curve is not null)
        {
            FindPlaces(rows, _memory->Places + at);
        }

        return above;
    }

    /// <summary>Neighboring columns two by two. Codes past the last column are 0.</summary>
    private static int Arrange(QueryMemory memory, int columns)
    {
        var count = (columns + 1) / 2;
        for (var i = 0; i < count; i++)
        {
            var (first, second) = (2 * i, Math.Min((2 * i) + 1, columns - 1));
            var codes = ColumnPair.Pack(memory.Codes[first], second == first ? 0 : memory.Codes[second]);
            memory.Pairs[i] = new(first * RowCodes.BlockRows, second * RowCodes.BlockRows, codes);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Take(Vector512<float> scores, Vector512<float> cut, float* target)
    {
        scores.Store(target);
        return Vector512.GreaterThan(scores, cut).ExtractMostSignificantBits();
    }

    /// <summary>Counts what the last blocks have left to count.</summary>
    public void Finish()
    {
        StreamDots.Count(_pending ? _memory->Places : null, 0, _bins);
        _pending = false;
    }

    private void AddTerms(int block)
    {
        Addends = _memory->Addends;
        new Span<float>(Addends, RowCodes.BlockRows).Clear();
        var largest = 0f;
        for (; _nextTerm - (block * RowCodes.BlockRows) < RowCodes.BlockRows; Point(_term + 1))
        {
            var row = _nextTerm % RowCodes.BlockRows;
            Addends[row] = _terms[_term].Addend;
            largest = MathF.Max(largest, MathF.Abs(Scores[row]) + MathF.Abs(Addends[row]));
            Scores[row] += Addends[row];
        }

        // One addition here and one in the canonical score, each off by 2^-24 of magnitudes that Error covers the
        // difference of.
        Error = MathF.BitIncrement(Error + ((largest + Error) * (1f / (1 << 22))));
    }

    /// <summary>
    /// The bins of the last block's scores: 0 for those below all thresholds and for rows that do not count.
    /// </summary>
    private readonly void FindPlaces(ulong rows, ushort* places)
    {
        var low = Vector512.Create(_curve!.Low);
        var inverse = Vector512.Create(1 / _curve.Step);
        var top = Vector512.Create((float)AudienceCurve.Thresholds);
        for (var part = 0; part < RowCodes.BlockRows; part += 32)
        {
            var first = Places(Vector512.Load(Scores + part), low, inverse, top);
            var second = Places(Vector512.Load(Scores + part + 16), low, inverse, top);
            if (rows != ulong.MaxValue)
            {
                first &= Mask(rows >> part);
                second &= Mask(rows >> (part + 16));
            }

            Vector512.Narrow(first, second).AsUInt16().Store(places + part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Places(
        Vector512<float> scores, Vector512<float> low, Vector512<float> inverse, Vector512<float> top)
    {
        // 0..256 and no NaN before the conversion, which needs no care of its own and rounds down what is not negative.
        var place = ((scores - low) * inverse) + Vector512<float>.One;
        return Vector512.ConvertToInt32Native(Vector512.Min(Vector512.Max(place, Vector512<float>.Zero), top));
    }

    /// <summary>All bits of lane i where bit i is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Mask(ulong rows)
    {
        var bits = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return Vector512.Equals(Vector512.Create((int)(rows & 0xFFFF)) & bits, bits);
    }

    /// <summary>Memory of one pass; its vectors are whole cache lines where it stands on one.</summary>
    internal struct Memory
    {
        public fixed float Scores[RowCodes.BlockRows];
        public fixed float Addends[RowCodes.BlockRows];
        public fixed ushort Places[StreamDots.Rows];
        public fixed short Sums[StreamDots.Rows];
    }
}
