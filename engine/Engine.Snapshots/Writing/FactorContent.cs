using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;

namespace Engine.Snapshots.Writing;

/// <summary>
/// A dense row-major float32 matrix; rows are padded with zeros to a multiple of 16 elements (64 bytes).
/// </summary>
public sealed class FactorContent
{
    private readonly PinnedBuffer<float> _elements;

    /// <summary>A matrix of zeros.</summary>
    public FactorContent(int rows, int columns)
    {
        Rows = rows;
        Columns = columns;
        Stride = FactorRows.StrideOf(columns);
        _elements = new PinnedBuffer<float>(checked(rows * Stride));
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Meaningful elements of a row.</summary>
    public int Columns { get; }

    /// <summary>Elements from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>All elements, padding included.</summary>
    public ReadOnlySpan<float> Elements => _elements.Span;

    /// <summary>The rows as kernels read them; valid as long as this object is reachable.</summary>
    public FactorRows View => new(_elements, Rows, Columns, Stride);

    /// <summary>The <see cref="Columns"/> meaningful elements of a row.</summary>
    public Span<float> Row(int row) => _elements.Span.Slice(row * Stride, Columns);

    /// <summary>
    /// The rows in descending Euclidean norm, ties by ascending <paramref name="tieOrder"/>: the product order of a
    /// snapshot.
    /// </summary>
    public int[] DescendingNormOrder(int[] tieOrder)
    {
        var order = new int[Rows];
        var norms = new double[Rows];
        for (var row = 0; row < Rows; row++)
        {
            order[row] = row;
            norms[row] = SquaredNorm(Row(row));
        }

        Array.Sort(
            order, (a, b) => norms[a] != norms[b] ? norms[b].CompareTo(norms[a]) : tieOrder[a].CompareTo(tieOrder[b]));
        return order;
    }

    /// <summary>Summed one by one in double, so that the order is the same on every machine.</summary>
    internal static double SquaredNorm(ReadOnlySpan<float> row)
    {
        var sum = 0.0;
        foreach (var value in row)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
