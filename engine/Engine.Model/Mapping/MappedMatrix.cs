using System.Runtime.CompilerServices;

namespace Engine.Model.Mapping;

/// <summary>A read-only row-major matrix in mapped memory; rows start on 64 bytes. Valid while its snapshot is leased.</summary>
public readonly struct MappedMatrix<T>
    where T : unmanaged
{
    private readonly MappedArray<T> _elements;

    internal MappedMatrix(MappedArray<T> elements, long rows, int columns, int stride)
    {
        _elements = elements;
        Rows = rows;
        Columns = columns;
        Stride = stride;
    }

    /// <summary>Rows.</summary>
    public long Rows { get; }

    /// <summary>Meaningful elements of a row.</summary>
    public int Columns { get; }

    /// <summary>Elements from one row to the next; those past <see cref="Columns"/> are zero.</summary>
    public int Stride { get; }

    /// <summary>One row with its zero padding: <see cref="Stride"/> elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<T> Row(long row) => _elements.Slice(row * Stride, Stride);

    /// <summary>Consecutive rows as one span of <paramref name="count"/> x <see cref="Stride"/> elements.</summary>
    public ReadOnlySpan<T> RowBlock(long row, int count) => _elements.Slice(row * Stride, (long)count * Stride);

    /// <summary>Every row as one span; for matrices below 2^31 elements.</summary>
    public ReadOnlySpan<T> AsSpan() => _elements.AsSpan();
}
