using Engine.Kernels.Arithmetic;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// The transpose of a sparse matrix, built when a snapshot is made ready. Rows ascend in each column whatever threads
/// do, so the same file gives the same arrays.
/// </summary>
internal sealed unsafe class TransposedMatrix : IDisposable
{
    private readonly NativeArray<long> _offsets;
    private readonly NativeArray<int> _indices;
    private readonly NativeArray<float> _values;
    private readonly NativeArray<float>? _others;

    /// <summary>Transposes.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="others">Other values of the same elements, or null.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="cancellation">Looked at between the passes of a thread.</param>
    public TransposedMatrix(
        MappedSparseMatrix matrix, MappedSparseMatrix? others, long columns, CancellationToken cancellation)
    {
        _offsets = new(columns + 1);
        _indices = new(matrix.Count);
        _values = new(matrix.Count);
        _others = others is null ? null : new(matrix.Count);
        var ranges = Ranges(matrix);
        var next = new NativeArray<long>[ranges.Length - 1];
        try
        {
            var options = ThreadChoice.Of(next.Length, cancellation);
            Parallel.For(0, next.Length, options, n => Count(matrix, ranges[n], ranges[n + 1], next[n] = new(columns)));
            Start(next, columns);
            Parallel.For(
                0, next.Length, options, n => Scatter(matrix, others, ranges[n], ranges[n + 1], next[n].Start));
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            Array.ForEach(next, array => array?.Dispose());
        }
    }

    /// <summary>The transpose.</summary>
    public MappedSparseMatrix Matrix => new(_offsets.View, _indices.View, _values.View);

    /// <summary>The transpose with the other values.</summary>
    public MappedSparseMatrix Others => new(_offsets.View, _indices.View, _others!.View);

    /// <summary>Bytes that the transpose of so many elements takes.</summary>
    public static long BytesOf(long elements, long columns, bool others) =>
        (elements * (others ? 12 : 8)) + (8 * (columns + 1));

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _offsets.Dispose();
        _indices.Dispose();
        _values.Dispose();
        _others?.Dispose();
    }

    // Rows of about as many elements for each core.
    private static long[] Ranges(MappedSparseMatrix matrix)
    {
        var count = (int)Math.Clamp(matrix.Count >> 16, 1, Environment.ProcessorCount);
        var ranges = new long[count + 1];
        for (var n = 1; n < count; n++)
        {
            var (low, high) = (ranges[n - 1], matrix.Rows);
            while (low < high)
            {
                var middle = low + ((high - low) / 2);
                (low, high) = matrix.Start(middle) < matrix.Count / count * n ? (middle + 1, high) : (low, middle);
            }

            ranges[n] = low;
        }

        ranges[count] = matrix.Rows;
        return ranges;
    }

    private static void Count(MappedSparseMatrix matrix, long first, long end, NativeArray<long> counts)
    {
        var to = counts.Start;
        for (var column = 0L; column < counts.Length; column++)
        {
            to[column] = 0;
        }

        for (var row = first; row < end; row++)
        {
            foreach (var column in matrix.Row(row).Indices)
            {
                to[column]++;
            }
        }
    }

    private void Start(NativeArray<long>[] next, long columns)
    {
        var at = 0L;
        for (var column = 0L; column < columns; column++)
        {
            _offsets.Start[column] = at;
            foreach (var counts in next)
            {
                (counts.Start[column], at) = (at, at + counts.Start[column]);
            }
        }

        _offsets.Start[columns] = at;
    }

    private void Scatter(MappedSparseMatrix matrix, MappedSparseMatrix? others, long first, long end, long* next)
    {
        int* indices = _indices.Start;
        float* values = _values.Start;
        for (var row = first; row < end; row++)
        {
            var elements = matrix.Row(row);
            var second = others is { } other ? other.Row(row).Values : default;
            for (var i = 0; i < elements.Count; i++)
            {
                var to = next[elements.Indices[i]]++;
                (indices[to], values[to]) = ((int)row, elements.Values[i]);
                if (_others is not null)
                {
                    _others.Start[to] = second[i];
                }
            }
        }
    }
}
