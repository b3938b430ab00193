namespace Engine.Model.Kernels;

/// <summary>
/// Rows in eight bits, with what a proven bound needs. A row v (without its last <see cref="RateColumns"/> columns, which
/// stay in fp32) is v = s q + r with a scale s, codes q of -127..127 and a residual r.
/// <para>Rows lie in blocks of 64, columns in quads of 4: block b holds quad 0 of its 64 rows (256 bytes), then quad 1, and
/// so on, so that one vector instruction works on the same four columns of neighbouring rows and sums need no shuffle.
/// A byte is q + 128. Rows past the end and columns past the last have q = 0.</para>
/// </summary>
public sealed unsafe class RowCodes
{
    /// <summary>Rows of a block: one word of a bitset.</summary>
    public const int BlockRows = 64;

    /// <summary>Blocks whose bounds are compared at once.</summary>
    internal const int SpanBlocks = 16;

    private readonly PinnedBuffer<byte> _codes;
    private readonly PinnedBuffer<float> _scales;
    private readonly PinnedBuffer<float> _norms;
    private readonly PinnedBuffer<float> _rates;
    private readonly PinnedBuffer<float> _blockNorms;
    private readonly PinnedBuffer<float> _blockResiduals;
    private readonly PinnedBuffer<float> _blockRates;

    /// <summary>Zeroed memory for the codes of <paramref name="rows"/>; <see cref="RowCoder"/> fills it.</summary>
    internal RowCodes(FactorRows rows, int rateColumns)
    {
        Rows = rows;
        RateColumns = rateColumns;
        Quads = (rows.Columns - rateColumns + 3) / 4;
        Blocks = TopKQuery.WordsOf(rows.Rows);
        // Bounds are read 16 blocks at a time; blocks past the end have bounds of 0 and no rows.
        PaddedBlocks = (Blocks + SpanBlocks - 1) / SpanBlocks * SpanBlocks;
        _codes = new(checked(Blocks * BlockRows * Quads * 4));
        _scales = new(Blocks * BlockRows);
        _norms = new(Blocks * BlockRows);
        _rates = new(checked(Blocks * BlockRows * rateColumns));
        _blockNorms = new(PaddedBlocks);
        _blockResiduals = new(PaddedBlocks);
        _blockRates = new(PaddedBlocks * 2 * rateColumns);
        LargestRates = new float[rateColumns];
    }

    /// <summary>The rows themselves, for exact scores.</summary>
    public FactorRows Rows { get; }

    /// <summary>Trailing columns kept in fp32 beside the codes.</summary>
    public int RateColumns { get; }

    /// <summary>Quads of coded columns.</summary>
    internal int Quads { get; }

    /// <summary>Columns that are coded.</summary>
    internal int CodedColumns => Rows.Columns - RateColumns;

    /// <summary>Blocks of 64 rows.</summary>
    internal int Blocks { get; }

    /// <summary>Blocks with room for bounds, a multiple of 16.</summary>
    internal int PaddedBlocks { get; }

    /// <summary>Bytes of codes, for reports.</summary>
    public long CodeBytes => _codes.Length;

    /// <summary>The largest norm of any row's coded part.</summary>
    internal float LargestNorm { get; private set; }

    /// <summary>The largest magnitude within each rate column.</summary>
    internal float[] LargestRates { get; }

    /// <summary>Scale s by row.</summary>
    internal float* Scales => _scales.Pointer;

    /// <summary>Norm of the coded part by row, rounded up.</summary>
    internal float* Norms => _norms.Pointer;

    /// <summary>Largest norm by block, rounded up.</summary>
    internal float* BlockNorms => _blockNorms.Pointer;

    /// <summary>Largest residual norm |r| by block, rounded up.</summary>
    internal float* BlockResiduals => _blockResiduals.Pointer;

    /// <summary>The first byte of a block, 64-byte aligned.</summary>
    internal byte* Block(int block) => _codes.Pointer + ((long)block * BlockRows * Quads * 4);

    /// <summary>One rate column by row.</summary>
    internal float* Rates(int column) => _rates.Pointer + ((long)column * Blocks * BlockRows);

    /// <summary>Per block the largest value of a rate column.</summary>
    internal float* BlockRateHigh(int column) => _blockRates.Pointer + ((long)column * 2 * PaddedBlocks);

    /// <summary>Per block the smallest value of a rate column.</summary>
    internal float* BlockRateLow(int column) => BlockRateHigh(column) + PaddedBlocks;

    /// <summary>Takes the largest norm and rates from the blocks.</summary>
    internal void Summarize()
    {
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
