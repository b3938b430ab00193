namespace Engine.Model.Kernels;

/// <summary>Makes <see cref="RowCodes"/>: about 150 million values a second and core.</summary>
public static unsafe class RowCoder
{
    /// <summary>Below this a row is not worth a scale: its codes are 0 and all of it is residual. Keeps scales normal floats.</summary>
    internal const float Tiny = 1e-30f;

    private const int ChunkBlocks = 64;

    /// <summary>Codes of all rows.</summary>
    /// <param name="rows">The rows; finite. Their memory must outlive the codes.</param>
    /// <param name="rateColumns">Trailing columns that stay in fp32 because their size has nothing to do with the others'.</param>
    public static RowCodes Encode(FactorRows rows, int rateColumns = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rateColumns);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rateColumns, rows.Columns);
        var codes = new RowCodes(rows, rateColumns);
        // Blocks are independent of each other, so any number of threads writes the same bytes.
        Parallel.For(0, (codes.Blocks + ChunkBlocks - 1) / ChunkBlocks, chunk =>
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
        new Span<byte>(bytes, RowCodes.BlockRows * codes.Quads * 4).Fill(128);
        for (var i = 0; i < count; i++)
        {
            var row = codes.Rows.Row(first + i);
            var residual = EncodeRow(row, codes.CodedColumns, bytes + (i * 4), out codes.Scales[first + i], out var norm);
            codes.Norms[first + i] = norm;
            codes.BlockNorms[block] = MathF.Max(codes.BlockNorms[block], norm);
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

    /// <summary>Writes one row's codes, 4 columns every 256 bytes, and returns |r| rounded up.</summary>
    private static float EncodeRow(float* row, int columns, byte* bytes, out float scale, out float norm)
    {
        var largest = 0f;
        for (var k = 0; k < columns; k++)
        {
            largest = MathF.Max(largest, MathF.Abs(row[k]));
        }

        scale = largest < Tiny ? 0 : largest / 127;
        var inverse = scale == 0 ? 0 : 1 / scale;
        double squares = 0, residuals = 0;
        for (var k = 0; k < columns; k++)
        {
            // |row / scale| <= 127 up to two roundings, and rounding to an integer removes those.
            var code = (int)MathF.Round(row[k] * inverse);
            bytes[(k / 4 * 256) + (k % 4)] = (byte)(code + 128);
            var residual = row[k] - ((double)scale * code);
            squares += (double)row[k] * row[k];
            residuals += residual * residual;
        }

        norm = RoundUp(Math.Sqrt(squares));
        return RoundUp(Math.Sqrt(residuals));
    }

    /// <summary>A float not below <paramref name="value"/>, which carries a few double roundings (far below 2^-24 of it).</summary>
    internal static float RoundUp(double value) => MathF.BitIncrement((float)(value * (1 + 1e-12)));
}
