using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels.Codes;

/// <summary>
/// Says which rows of a block can still score above a floor, by as few of the query's columns as tell. In units of s t
/// a row survives a stage if its sum of products is above (floor - error) / (s t), where the error holds what the
/// columns that follow can add: integers against integers, 64 rows in two comparisons. The first stage takes four
/// blocks at a time.
/// </summary>
internal readonly unsafe ref struct BlockFilter
{
    /// <summary>Blocks that share the first stage.</summary>
    public const int Group = 4;

    /// <summary>So few survivors are cheaper to score exactly than to test by another stage.</summary>
    private const int FewRows = 2;

    /// <summary>
    /// Codes of this size stay in a core's second cache (0.5 to 2 MB on servers) from one search to the next.
    /// </summary>
    private const long NearBytes = 1 << 20;

    private readonly RowCodes _codes;
    private readonly CodedQuery _query;
    private readonly short* _sums;
    private readonly short* _cuts;
    private readonly float* _inverses;
    private readonly float* _errors;
    private readonly float* _norms;
    private readonly float _inverseScale;

    /// <summary>A filter by <paramref name="query"/>, whose memory it uses too.</summary>
    public BlockFilter(RowCodes codes, CodedQuery query, QueryMemory memory)
    {
        _codes = codes;
        _query = query;
        _sums = memory.Sums;
        _cuts = _sums + (Group * RowCodes.BlockRows);
        _inverses = memory.Bounds;
        _errors = _inverses + RowCodes.SpanBlocks;
        _norms = _errors + RowCodes.SpanBlocks;
        _inverseScale = query.Scale == 0 ? float.PositiveInfinity : 1 / query.Scale;
    }

    /// <summary>Turns scores into units for the 16 blocks of a span, which the next calls may ask about.</summary>
    public void Enter(int span)
    {
        var first = span * RowCodes.SpanBlocks;
        var norms = Vector512.Load(_codes.BlockUnitNorms + first) * Vector512.Create(_inverseScale);
        var residuals = Vector512.Load(_codes.BlockUnitResiduals + first) * Vector512.Create(_inverseScale);
        var inverses = Vector512.Load(_codes.BlockInverseScales + first) * Vector512.Create(_inverseScale);
        var errors = (norms * Vector512.Create(_query.NormError)) + (residuals * Vector512.Create(_query.ResidualError))
            + (inverses * Vector512.Create(_query.Slack));
        norms.Store(_norms);
        inverses.Store(_inverses);
        errors.Store(_errors);
    }

    /// <summary>Runs the first stage on four blocks.</summary>
    /// <param name="block">The first of them, a multiple of four.</param>
    /// <param name="floor">Only scores above this count.</param>
    /// <param name="rows">The rows asked about, four words; those that are out are taken away.</param>
    public void First(int block, float floor, ulong* rows)
    {
        ref readonly var stage = ref _query.Stages[0];
        ColumnDots.AddToFour(
            _codes.Block(block), _codes.BlockBytes, _query.Pairs, stage.Pairs, _sums, _codes.CodeBytes > NearBytes);
        for (var i = 0; i < Group; i++)
        {
            rows[i] &=
                Survivors(block + i, floor, stage, _sums + (i * RowCodes.BlockRows), _cuts + (i * RowCodes.BlockRows));
        }
    }

    /// <summary>
    /// Runs further stages on one of the blocks that <see cref="First"/> was asked about, until few rows are left.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="floor">Only scores above this count.</param>
    /// <param name="rows">The rows that survived the first stage.</param>
    /// <param name="columns">Raised by the columns read.</param>
    public ulong Narrow(int block, float floor, ulong rows, ref int columns)
    {
        var sums = _sums + (block % Group * RowCodes.BlockRows);
        for (var i = 1; i < _query.Stages.Length && BitOperations.PopCount(rows) > FewRows; i++)
        {
            ref readonly var stage = ref _query.Stages[i];
            var done = _query.Stages[i - 1].Pairs;
            ColumnDots.Add(_codes.Block(block), _query.Pairs + done, stage.Pairs - done, sums);
            columns += 2 * (stage.Pairs - done);
            rows &= Survivors(block, floor, stage, sums, _cuts + (block % Group * RowCodes.BlockRows));
        }

        return rows;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Survivors(int block, float floor, in QueryStage stage, short* sums, short* cuts)
    {
        var at = block % RowCodes.SpanBlocks;
        // Codes that are all 0, or so small that their inverse is no float: then only the exact score tells.
        if (!(_errors[at] < 2 * short.MaxValue))
        {
            return ulong.MaxValue;
        }

        Vector512<short> low, high;
        if (_query.Rates.Length == 0)
        {
            low = high = Vector512.Create(Cut((floor * _inverses[at]) - _errors[at] - (stage.Rest * _norms[at])));
        }
        else
        {
            RateCuts(block, floor, _errors[at] + (stage.Rest * _norms[at]), cuts);
            (low, high) = (Vector512.Load(cuts), Vector512.Load(cuts + 32));
        }

        var offset = Vector512.Create(stage.Offset);
        return Vector512.GreaterThan(Vector512.Load(sums) + offset, low).ExtractMostSignificantBits()
            | (Vector512.GreaterThan(Vector512.Load(sums + 32) + offset, high).ExtractMostSignificantBits() << 32);
    }

    /// <summary>
    /// An integer that is surely out: two less than the whole part, for the roundings on the way, 2^-22 of at most
    /// 2^17. Sums are within +-32,767, so clamping to 16 bits keeps every row that counts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static short Cut(float cut) =>
        (short)((int)MathF.Max(MathF.Min(cut, short.MaxValue), short.MinValue + 3) - 3);

    /// <summary>
    /// The same for each row, less what its rate columns give it; their own rounding is in the error already.
    /// </summary>
    private void RateCuts(int block, float floor, float error, short* cuts)
    {
        var row = block * RowCodes.BlockRows;
        var inverse = _inverses[block % RowCodes.SpanBlocks];
        for (var part = 0; part < RowCodes.BlockRows; part += 32)
        {
            var low = RateCut(row + part, floor, inverse, error);
            var high = RateCut(row + part + 16, floor, inverse, error);
            Vector512.NarrowWithSaturation(low, high).Store(cuts + part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<int> RateCut(int row, float floor, float inverse, float error)
    {
        var cut = Vector512.Create(floor);
        for (var rate = 0; rate < _query.Rates.Length; rate++)
        {
            cut -= Vector512.Create(_query.Rates[rate]) * Vector512.Load(_codes.Rates(rate) + row);
        }

        cut = (cut * Vector512.Create(inverse)) - Vector512.Create(error);
        cut = Vector512.Min(
            Vector512.Max(cut, Vector512.Create(short.MinValue + 3f)), Vector512.Create((float)short.MaxValue));
        return Vector512.ConvertToInt32Native(cut) - Vector512.Create(3);
    }
}
