using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Solve;

/// <summary>
/// One row of a weighted Gram H'H at a time: for some rows of H, each with a weight, the weighted sum of what they hold
/// in every column. Scratch of one thread.
/// </summary>
public sealed unsafe class WeightedSums
{
    // Rows lie anywhere in memory: asked for so many rows ahead, and where they start before that.
    private const int PrefetchDistance = 6;
    private const int OffsetPrefetchDistance = 20;
    private const int MostAsked = 96;

    private readonly long[] _offsets;
    private readonly int[] _columns;
    private readonly float[] _values;
    private readonly PinnedBuffer<float> _sums;
    private readonly PinnedBuffer<int> _touched;
    private int _count;

    /// <param name="offsets">Where each row starts; one more for the end.</param>
    /// <param name="columns">The columns of all rows, 0..columnCount - 1, at most once a row.</param>
    /// <param name="values">Their values, at least 0.</param>
    /// <param name="columnCount">Columns.</param>
    /// <exception cref="ArgumentException">An offset or column outside its range.</exception>
    public WeightedSums(long[] offsets, int[] columns, float[] values, int columnCount)
    {
        var last = 0L;
        foreach (var offset in offsets)
        {
            if (offset < last || offset > columns.Length)
            {
                throw new ArgumentException(
                    InvariantText.Of(
                        $"offset {offset} after {last}: expected ascending offsets up to {columns.Length}"));
            }

            last = offset;
        }

        if (values.Length != columns.Length || columns.AsSpan().ContainsAnyExceptInRange(0, columnCount - 1))
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"{values.Length} values of {columns.Length} columns: expected one each, "
                    + $"columns of 0..{columnCount - 1}"));
        }

        (_offsets, _columns, _values) = (offsets, columns, values);
        _sums = new PinnedBuffer<float>(columnCount);
        _touched = new PinnedBuffer<int>(columnCount + 1);
    }

    /// <summary>The columns with a sum above 0, in the order of first sight.</summary>
    public ReadOnlySpan<int> Touched => _touched.Span[.._count];

    /// <summary>The sum of one column, rows added in their order.</summary>
    public float Sum(int column) => _sums.Span[column];

    /// <summary>Sums some rows, in place of those before, up to a column.</summary>
    /// <param name="rows">The rows; their columns ascend.</param>
    /// <param name="weights">One a row, above 0.</param>
    /// <param name="end">Columns from this one on are left out.</param>
    public void Collect(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, int end)
    {
        foreach (var column in Touched)
        {
            _sums.Pointer[column] = 0;
        }

        _count = 0;
        fixed (long* offsets = _offsets)
        fixed (int* columns = _columns)
        fixed (float* values = _values)
        {
            for (var n = 0; n < rows.Length; n++)
            {
                if (Sse.IsSupported && n + OffsetPrefetchDistance < rows.Length)
                {
                    Sse.Prefetch0(offsets + rows[n + OffsetPrefetchDistance]);
                }

                if (n + PrefetchDistance < rows.Length)
                {
                    var start = offsets[rows[n + PrefetchDistance]];
                    var count = (int)Math.Min(MostAsked, offsets[rows[n + PrefetchDistance] + 1] - start);
                    RowPrefetch.Ask((float*)(columns + start), count);
                    RowPrefetch.Ask(values + start, count);
                }

                var (first, last) = (offsets[rows[n]], offsets[rows[n] + 1]);
                _count = Add(
                    columns + first, columns + last, end, values + first, weights[n], _sums.Pointer, _touched.Pointer,
                    _count);
            }
        }
    }

    // No branch on what was touched before, since nobody could guess it.
    private static int Add(
        int* at, int* last, int end, float* values, float weight, float* sums, int* touched, int count)
    {
        for (; at < last && *at < end; at++, values++)
        {
            var sum = sums[*at];
            var next = sum + (weight * *values);
            touched[count] = *at;
            count += sum == 0 && next > 0 ? 1 : 0;
            sums[*at] = next;
        }

        return count;
    }
}
