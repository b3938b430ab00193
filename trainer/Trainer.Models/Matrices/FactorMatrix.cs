using System.Globalization;
using Engine;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;

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
        CheckSize(rowCount, factors, "rows");
        RowCount = rowCount;
        Factors = factors;
        Stride = StrideOf(factors);
        Values = new float[rowCount * Stride];
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

    /// <summary>Whether a matrix of that size fits into one array; to be asked before a training.</summary>
    /// <param name="rowCount">Rows.</param>
    /// <param name="factors">Columns.</param>
    /// <param name="what">What the rows are, for the message.</param>
    /// <param name="extra">Columns that a snapshot keeps beside the factors.</param>
    /// <exception cref="InputException">
    /// It does not; the message names the sizes and how many factors would.
    /// </exception>
    public static void CheckSize(int rowCount, int factors, string what, int extra = 0)
    {
        var stride = StrideOf(factors + extra);
        var size = (long)rowCount * stride;
        if (size > Array.MaxLength)
        {
            var most = (Array.MaxLength / rowCount & ~15) - extra;
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"{rowCount:N0} {what} with {factors:N0} factors, stored as {stride:N0} each, are {size:N0} numbers; "
                + $"at most {Array.MaxLength:N0} are possible. ")
                    +
                    (most > 0 ? $"Give --factors {most} or fewer." : $"There are too many {what} for any factors."));
        }
    }

    private static int StrideOf(int factors) => (factors + 15) & ~15;

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
                var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF)
                    + (int)(bits >> 48);
                value = (float)((sum - (2 * 65535)) * scale);
            }
        }
    }
}
