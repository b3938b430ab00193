using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Codes;

/// <summary>Makes <see cref="RowCodes"/>.</summary>
public static unsafe class RowCoder
{
    /// <summary>
    /// Below this a block is not worth a scale: its codes are 0 and all of it is residual. Keeps scales normal floats.
    /// </summary>
    internal const float Tiny = 1e-30f;

    private const int ChunkBlocks = 64;

    /// <summary>Codes of all rows.</summary>
    /// <param name="rows">The rows; finite. Their memory must outlive the codes.</param>
    /// <param name="rateColumns">
    /// Trailing columns that stay in fp32 because their size has nothing to do with the others'.
    /// </param>
    /// <param name="cancellation">Looked at in each chunk.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static RowCodes Encode(FactorRows rows, int rateColumns = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rateColumns);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rateColumns, rows.Columns);
        var codes = new RowCodes(rows, rateColumns);
        // Blocks are independent of each other, so any number of threads writes the same bytes.
        Parallel.For(0, (codes.Blocks + ChunkBlocks - 1) / ChunkBlocks, ThreadChoice.Of(-1, cancellation), chunk =>
        {
            var end = Math.Min(codes.Blocks, (chunk + 1) * ChunkBlocks);
            for (var block = chunk * ChunkBlocks; block < end; block++)
            {
                EncodeBlock(codes, block);
            }
        });
        codes.Summarize();
        return codes;
    }

    private static void EncodeBlock(RowCodes codes, int block)
    {
        var first = block * RowCodes.BlockRows;
        var count = Math.Min(RowCodes.BlockRows, codes.Rows.Rows - first);
        var bytes = codes.Block(block);
        new Span<byte>(bytes, codes.BlockBytes).Fill(128);
        var scale = ScaleOf(codes, block, first, count);
        for (var i = 0; i < count; i++)
        {
            var row = codes.Rows.Row(first + i);
            var residual = EncodeRow(row, codes.CodedColumns, scale, bytes + RowCodes.PositionOf(i));
            codes.BlockResiduals[block] = MathF.Max(codes.BlockResiduals[block], residual);
            for (var rate = 0; rate < codes.RateColumns; rate++)
            {
                var value = row[codes.CodedColumns + rate];
                codes.Rates(rate)[first + i] = value;
                ref var high = ref codes.BlockRateHigh(rate)[block];
                ref var low = ref codes.BlockRateLow(rate)[block];
                high = i == 0 ? value : MathF.Max(high, value);
                low = i == 0 ? value : MathF.Min(low, value);
            }
        }
    }

    /// <summary>Takes the norms of a block's rows and chooses its scale.</summary>
    private static float ScaleOf(RowCodes codes, int block, int first, int count)
    {
        var largest = 0f;
        for (var i = 0; i < count; i++)
        {
            var row = codes.Rows.Row(first + i);
            double squares = 0;
            for (var k = 0; k < codes.CodedColumns; k++)
            {
                largest = MathF.Max(largest, MathF.Abs(row[k]));
                squares += (double)row[k] * row[k];
            }

            codes.Norms[first + i] = RoundUp(Math.Sqrt(squares));
            codes.BlockNorms[block] = MathF.Max(codes.BlockNorms[block], codes.Norms[first + i]);
        }

        // Rounding adds at most half a code a column to |c|; one more for the roundings of the scale.
        var room = RowCodes.CodeNorm - 1 - (0.5 * Math.Sqrt(codes.CodedColumns));
        return codes.BlockScales[block] = largest < Tiny || room < 1
            ? 0
            : MathF.Max(largest / 127, RoundUp(codes.BlockNorms[block] / room));
    }

    /// <summary>Writes one row's codes, a column every 64 bytes, and returns |r| rounded up.</summary>
    private static float EncodeRow(float* row, int columns, float scale, byte* bytes)
    {
        var inverse = scale == 0 ? 0 : 1 / scale;
        double residuals = 0;
        for (var k = 0; k < columns; k++)
        {
            // |row / scale| <= 127 up to two roundings, and rounding to an integer removes those.
            var code = (int)MathF.Round(row[k] * inverse);
            bytes[k * RowCodes.BlockRows] = (byte)(code + 128);
            var residual = row[k] - ((double)scale * code);
            residuals += residual * residual;
        }

        return RoundUp(Math.Sqrt(residuals));
    }

    /// <summary>
    /// A float not below <paramref name="value"/>, which carries a few double roundings (far below 2^-24 of it).
    /// </summary>
    internal static float RoundUp(double value) => MathF.BitIncrement((float)(value * (1 + 1e-12)));
}
