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
}
