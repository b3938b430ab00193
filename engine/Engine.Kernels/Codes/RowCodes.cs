using System.Runtime.CompilerServices;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Codes;

/// <summary>
/// Rows in eight bits, with what a proven bound needs. A row v (without its last <see cref="RateColumns"/> columns,
/// which stay in fp32) is v = s c + r with its block's scale s, codes c of -127..127 with |c| &lt;=
/// <see cref="CodeNorm"/>, and a residual r.
/// <para>Rows lie in blocks of 64, columns apart: block b holds column 0 of its 64 rows (64 bytes, one cache line),
/// then column 1, and so on, so that a search may read the columns that matter to its query and leave the others alone.
/// A byte is c + 128. Rows past the end have c = 0.</para>
/// </summary>
public sealed unsafe class RowCodes
{
    /// <summary>Rows of a block: one word of a bitset.</summary>
    public const int BlockRows = 64;

    /// <summary>
    /// The largest |c|. With queries of at most 32,767 / 200 = 163 the sum of products fits 16 bits; the rounding
    /// errors of both, 0.29 sqrt(f) on 200 and on 163, are near their smallest sum there.
    /// </summary>
    public const int CodeNorm = 200;

    /// <summary>Blocks whose bounds are compared at once.</summary>
    internal const int SpanBlocks = 16;

    private readonly PinnedBuffer<byte> _codes;
    private readonly PinnedBuffer<float> _norms;
    private readonly PinnedBuffer<float> _rates;
    private readonly PinnedBuffer<float> _blockScales;
    private readonly PinnedBuffer<float> _blockUnits;
    private readonly PinnedBuffer<float> _blockNorms;
    private readonly PinnedBuffer<float> _blockResiduals;
    private readonly PinnedBuffer<float> _blockRates;

    /// <summary>Zeroed memory for the codes of <paramref name="rows"/>; <see cref="RowCoder"/> fills it.</summary>
    internal RowCodes(FactorRows rows, int rateColumns)
    {
        Rows = rows;
        RateColumns = rateColumns;
        CodedColumns = rows.Columns - rateColumns;
        BlockBytes = CodedColumns * BlockRows;
        Blocks = (rows.Rows + 63) >> 6;
        // Bounds are read 16 blocks at a time; blocks past the end have bounds of 0 and no rows.
        PaddedBlocks = (Blocks + SpanBlocks - 1) / SpanBlocks * SpanBlocks;
        _codes = new(checked(PaddedBlocks * BlockBytes), isLasting: true);
        _norms = new(Blocks * BlockRows, isLasting: true);
        _rates = new(checked(Blocks * BlockRows * rateColumns), isLasting: true);
        _blockScales = new(PaddedBlocks, isLasting: true);
        _blockUnits = new(PaddedBlocks * 3, isLasting: true);
        _blockNorms = new(PaddedBlocks, isLasting: true);
        _blockResiduals = new(PaddedBlocks, isLasting: true);
        _blockRates = new(PaddedBlocks * 2 * rateColumns, isLasting: true);
        LargestRates = new float[rateColumns];
    }

    /// <summary>The rows themselves, for exact scores.</summary>
    public FactorRows Rows { get; }

    /// <summary>Trailing columns kept in fp32 beside the codes.</summary>
    public int RateColumns { get; }

    /// <summary>Columns that are coded.</summary>
    internal int CodedColumns { get; }

    /// <summary>Bytes of a block's codes.</summary>
    internal int BlockBytes { get; }

    /// <summary>Blocks of 64 rows.</summary>
    internal int Blocks { get; }

    /// <summary>Blocks with room for bounds, a multiple of 16.</summary>
    internal int PaddedBlocks { get; }

    /// <summary>Bytes of codes, for reports.</summary>
    public long CodeBytes => _codes.Length;

    /// <summary>All of them: what a plain read beside a search reads.</summary>
    internal PinnedBuffer<byte> Codes => _codes;

    /// <summary>The largest norm of any row's coded part.</summary>
    internal float LargestNorm { get; private set; }

    /// <summary>The largest magnitude within each rate column.</summary>
    internal float[] LargestRates { get; }

    /// <summary>Norm of the coded part by row, rounded up.</summary>
    internal float* Norms => _norms.Pointer;

    /// <summary>Scale s by block; 0 for a block whose codes are all 0.</summary>
    internal float* BlockScales => _blockScales.Pointer;

    /// <summary>Largest norm by block, rounded up.</summary>
    internal float* BlockNorms => _blockNorms.Pointer;

    /// <summary>Largest residual norm |r| by block, rounded up.</summary>
    internal float* BlockResiduals => _blockResiduals.Pointer;

    /// <summary>1 / s by block; infinite for a block whose codes are all 0.</summary>
    internal float* BlockInverseScales => _blockUnits.Pointer;

    /// <summary>Largest norm by block in units of its scale, at most about <see cref="CodeNorm"/>.</summary>
    internal float* BlockUnitNorms => _blockUnits.Pointer + PaddedBlocks;

    /// <summary>Largest residual norm by block in units of its scale.</summary>
    internal float* BlockUnitResiduals => _blockUnits.Pointer + (2 * PaddedBlocks);

    /// <summary>
    /// Where a row's byte stands among the 64 of a column: such that interleaving the lower (upper) halves of each 16
    /// bytes of two columns gives rows 0..31 (32..63) in order.
    /// </summary>
    internal static int PositionOf(int row) => ((row & 24) << 1) | ((row & 32) >> 2) | (row & 7);

    /// <summary>The first byte of a block, 64-byte aligned.</summary>
    internal byte* Block(int block) => _codes.Pointer + ((long)block * BlockBytes);

    /// <summary>One rate column by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* Rates(int column) => _rates.Pointer + ((long)column * Blocks * BlockRows);

    /// <summary>Per block the largest value of a rate column.</summary>
    internal float* BlockRateHigh(int column) => _blockRates.Pointer + ((long)column * 2 * PaddedBlocks);

    /// <summary>Per block the smallest value of a rate column.</summary>
    internal float* BlockRateLow(int column) => BlockRateHigh(column) + PaddedBlocks;

    /// <summary>Gives the memory back; nothing may be searched any more.</summary>
    internal void Release()
    {
        _codes.Release();
        _norms.Release();
        _rates.Release();
    }

    /// <summary>Takes the largest norm and rates from the blocks, and their bounds in units of their scales.</summary>
    internal void Summarize()
    {
        for (var block = 0; block < PaddedBlocks; block++)
        {
            BlockInverseScales[block] = 1 / BlockScales[block];
            BlockUnitNorms[block] = BlockNorms[block] / BlockScales[block];
            BlockUnitResiduals[block] = BlockResiduals[block] / BlockScales[block];
        }

        for (var block = 0; block < Blocks; block++)
        {
            LargestNorm = MathF.Max(LargestNorm, BlockNorms[block]);
            for (var rate = 0; rate < RateColumns; rate++)
            {
                var magnitude = MathF.Max(MathF.Abs(BlockRateHigh(rate)[block]), MathF.Abs(BlockRateLow(rate)[block]));
                LargestRates[rate] = MathF.Max(LargestRates[rate], magnitude);
            }
        }
    }
}
