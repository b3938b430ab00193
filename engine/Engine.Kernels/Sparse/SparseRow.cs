namespace Engine.Kernels.Sparse;

/// <summary>One row of a sparse matrix.</summary>
/// <param name="indices">Columns, ascending.</param>
/// <param name="values">The values of these columns.</param>
public readonly ref struct SparseRow(ReadOnlySpan<int> indices, ReadOnlySpan<float> values)
{
    /// <summary>Columns, ascending.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>The values of these columns.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>Stored elements.</summary>
    public int Count => Indices.Length;
}
