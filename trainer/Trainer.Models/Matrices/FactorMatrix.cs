using Engine.Kernels.Memory;
using Trainer.Data.Generate;

namespace Trainer.Models.Matrices;

/// <summary>
/// Factor rows in fp32, row-major: row r starts at <c>r * Stride</c>, columns from <see cref="Factors"/> to
/// <see cref="Stride"/> (the next multiple of 16) are 0.
/// </summary>
public sealed class FactorMatrix
{
    /// <summary>A matrix of zeros.</summary>
    public FactorMatrix(int rowCount, int factors)
    {
        RowCount = rowCount;
        Factors = factors;
        Stride = (factors + 15) & ~15;
        Values = new float[checked(rowCount * Stride)];
        // Rows are read at random: with small pages nearly every read misses the TLB.
        HugePages.Ask(Values.AsSpan());
    }

    private FactorMatrix(FactorMatrix whole, int rowCount) =>
        (RowCount, Factors, Stride, Values) = (rowCount, whole.Factors, whole.Stride, whole.Values);

    /// <summary>Rows.</summary>
    public int RowCount { get; }

    /// <summary>Columns without the padding.</summary>
    public int Factors { get; }

    /// <summary>Floats from row to row, a multiple of 16.</summary>
    public int Stride { get; }

    /// <summary>All rows, one after the other; of a <see cref="Head"/> more rows than it has.</summary>
    public float[] Values { get; }

    /// <summary>The first rows, not copied.</summary>
    public FactorMatrix Head(int rowCount) => new(this, rowCount);

    /// <summary>One row without its padding.</summary>
    public Span<float> Row(int row) => Values.AsSpan(row * Stride, Factors);

    /// <summary>One row with its padding.</summary>
    public Span<float> PaddedRow(int row) => Values.AsSpan(row * Stride, Stride);

    /// <summary>
    /// Overwrites every row by values of mean 0 and the given standard deviation (a sum of four uniform 16-bit numbers:
    /// near normal, the same on every machine), from the seed and the row's number alone.
    /// </summary>
    public void Randomize(ulong seed, double deviation)
    {
        // One uniform number of 0..65535 has variance (65536^2 - 1) / 12.
        var scale = deviation / Math.Sqrt(4 * ((65536.0 * 65536.0) - 1) / 12);
        for (var row = 0; row < RowCount; row++)
        {
            var state = seed + ((ulong)(row + 1) * 0xD1B54A32D192ED03UL);
            foreach (ref var value in Row(row))
            {
                var bits = SplitMix64.Next(ref state);
                var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
                value = (float)((sum - (2 * 65535)) * scale);
            }
        }
    }
}
