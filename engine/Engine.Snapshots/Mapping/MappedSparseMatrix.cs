using System.Runtime.CompilerServices;
using Engine.Kernels;
using Engine.Kernels.Sparse;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// A read-only sparse matrix in mapped memory, compressed by rows (CSR): row r holds the columns
/// Indices[Offsets[r] .. Offsets[r+1]) in ascending order, and their values. Valid while its snapshot is leased.
/// </summary>
public readonly struct MappedSparseMatrix
{
    private readonly MappedArray<long> _offsets;
    private readonly MappedArray<int> _indices;
    private readonly MappedArray<float> _values;

    internal MappedSparseMatrix(MappedArray<long> offsets, MappedArray<int> indices, MappedArray<float> values)
    {
        _offsets = offsets;
        _indices = indices;
        _values = values;
    }

    /// <summary>Rows.</summary>
    public long Rows => _offsets.Length - 1;

    /// <summary>Stored elements.</summary>
    public long Count => _indices.Length;

    /// <summary>One row: its columns in ascending order and, element for element, their values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SparseRow Row(long row)
    {
        var start = _offsets[row];
        var count = _offsets[row + 1] - start;
        return new SparseRow(_indices.Slice(start, count), _values.Slice(start, count));
    }

    /// <summary>Elements of the rows before <paramref name="row"/>.</summary>
    internal long Start(long row) => _offsets[row];

    /// <summary>Asks for a row's memory, which will be read soon.</summary>
    public void Prefetch(long row)
    {
        var start = _offsets[row];
        var count = _offsets[row + 1] - start;
        _indices.Prefetch(start, count);
        _values.Prefetch(start, count);
    }

    /// <summary>
    /// Says what is wrong, or null: offsets, columns ascending below <paramref name="columns"/>, finite values.
    /// </summary>
    internal string? FindProblem(long columns)
    {
        if (Offsets.FindProblem(new(_offsets), _indices.Length) is { } problem)
        {
            return problem;
        }

        for (var row = 0L; row < Rows; row++)
        {
            var previous = -1;
            var elements = Row(row);
            for (var i = 0; i < elements.Count; i++)
            {
                if (elements.Indices[i] <= previous || elements.Indices[i] >= columns
                    || !float.IsFinite(elements.Values[i]))
                {
                    return InvariantText.Of(
                            $"row {row}: found column {elements.Indices[i]} with value {elements.Values[i]}, "
                            + $"expected ascending columns below {columns} and finite values");
                }

                previous = elements.Indices[i];
            }
        }

        return null;
    }
}
