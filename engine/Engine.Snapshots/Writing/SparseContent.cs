using Engine.Kernels.Sparse;

namespace Engine.Snapshots.Writing;

/// <summary>A sparse matrix compressed by rows (CSR), columns ascending in each row.</summary>
/// <param name="Offsets">rows + 1.</param>
/// <param name="Indices">Columns.</param>
/// <param name="Values">Element for element.</param>
public sealed record SparseContent(long[] Offsets, int[] Indices, float[] Values)
{
    /// <summary>Rows.</summary>
    public int Rows => Offsets.Length - 1;

    /// <summary>One row.</summary>
    public SparseRow Row(int row)
    {
        var range = (int)Offsets[row]..(int)Offsets[row + 1];
        return new SparseRow(Indices.AsSpan(range), Values.AsSpan(range));
    }

    /// <summary>The transposed matrix, which has <paramref name="columns"/> rows.</summary>
    public SparseContent Transpose(int columns)
    {
        var offsets = new long[columns + 1];
        foreach (var column in Indices)
        {
            offsets[column + 1]++;
        }

        for (var column = 0; column < columns; column++)
        {
            offsets[column + 1] += offsets[column];
        }

        var next = offsets[..^1];
        var indices = new int[Indices.Length];
        var values = new float[Values.Length];
        for (var row = 0; row < Rows; row++)
        {
            for (var at = Offsets[row]; at < Offsets[row + 1]; at++)
            {
                var to = next[Indices[at]]++;
                indices[to] = row;
                values[to] = Values[at];
            }
        }

        return new SparseContent(offsets, indices, values);
    }
}
