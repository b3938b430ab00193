using System.Runtime.CompilerServices;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// A view of factor rows: fp32, row-major, every row read as <see cref="Stride"/> floats of which the first
/// <see cref="Columns"/> carry values and the rest are zero; in dense rows the rest are the next row's numbers instead.
/// The view owns nothing: whoever made it keeps the memory.
/// </summary>
public readonly unsafe struct FactorRows
{
    /// <summary>Rows are padded to a multiple of this many floats (64 bytes).</summary>
    public const int Lanes = 16;

    private readonly float* _first;
    private readonly int _pitch;

    /// <summary>A view of mapped or pinned memory.</summary>
    /// <param name="first">The first row, 64-byte aligned.</param>
    /// <param name="rows">Number of rows, 0 or more.</param>
    /// <param name="columns">Dimensions in use, 0..stride.</param>
    /// <param name="stride">Floats from one row to the next, a multiple of 16.</param>
    public FactorRows(float* first, int rows, int columns, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (stride < 0 || stride % Lanes != 0 || columns < 0 || columns > stride || (nuint)first % 64 != 0)
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"found {columns} columns, stride {stride}, first row at offset {(nuint)first % 64} of 64 bytes; "
                    + $"expected " +
                    $"a stride that is a multiple of 16, columns within it and an aligned first row"));
        }

        _first = first;
        Rows = rows;
        Columns = columns;
        Stride = stride;
        _pitch = stride;
    }

    private FactorRows(float* first, int rows, int columns)
    {
        _first = first;
        (Rows, Columns, Stride, _pitch) = (rows, columns, StrideOf(columns), columns);
    }

    /// <summary>A view of a buffer that holds <paramref name="rows"/> rows. The caller keeps the buffer.</summary>
    public FactorRows(PinnedBuffer<float> buffer, int rows, int columns, int stride)
        : this(buffer.Pointer, rows, columns, stride)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)rows * stride, buffer.Length);
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Dimensions in use.</summary>
    public int Columns { get; }

    /// <summary>Floats that are read of a row; also the length of a query vector.</summary>
    public int Stride { get; }

    /// <summary>Whether no padding is between the rows.</summary>
    public bool IsDense => _pitch != Stride;

    /// <summary>
    /// One row and its padding: zeros, in dense rows finite numbers of no meaning. A dot product with a vector that is
    /// padded by zeros is the same, bit for bit: its sums start at +0, and stay what they are when ±0 is added.
    /// </summary>
    public ReadOnlySpan<float> this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
            return new(Row(row), Stride);
        }
    }

    /// <summary>All rows with their padding; for matrices below 2^31 floats that are not dense.</summary>
    public ReadOnlySpan<float> Elements => IsDense
        ? throw new InvalidOperationException("found dense rows, expected padded ones")
        : new(_first, checked(Rows * Stride));

    /// <summary>Floats of one padded row for <paramref name="columns"/> dimensions.</summary>
    public static int StrideOf(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary>Finite floats that must follow the last of dense rows, to read it like the others.</summary>
    internal static int TailOf(int columns) => StrideOf(columns) - columns;

    /// <summary>
    /// A view of rows without padding; <see cref="TailOf"/> finite floats follow the last. Only one side of a dot
    /// product may be dense.
    /// </summary>
    internal static FactorRows Dense(float* first, int rows, int columns) => new(first, rows, columns);

    /// <summary>One row, unchecked. The offset is computed in 64 bits: matrices pass 2^31 floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* Row(int row) => _first + ((long)row * _pitch);
}
