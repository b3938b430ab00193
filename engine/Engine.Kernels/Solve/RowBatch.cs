namespace Engine.Kernels.Solve;

/// <summary>Up to eight rows of equal length out of compressed sparse rows.</summary>
public readonly ref struct RowBatch
{
    /// <param name="offsets">Where each row starts in the columns; one more for the end.</param>
    /// <param name="columns">The column of every entry.</param>
    /// <param name="weights">The weight of every entry, at least 0.</param>
    /// <param name="rows">1..8 rows of equal length.</param>
    public RowBatch(
        ReadOnlySpan<long> offsets, ReadOnlySpan<int> columns, ReadOnlySpan<float> weights, ReadOnlySpan<int> rows)
    {
        Offsets = offsets;
        Columns = columns;
        Weights = weights;
        Rows = rows;
        Length = rows.IsEmpty ? 0 : checked((int)(offsets[rows[0] + 1] - offsets[rows[0]]));
    }

    /// <summary>Where each row starts.</summary>
    public ReadOnlySpan<long> Offsets { get; }

    /// <summary>The column of every entry.</summary>
    public ReadOnlySpan<int> Columns { get; }

    /// <summary>The weight of every entry.</summary>
    public ReadOnlySpan<float> Weights { get; }

    /// <summary>The rows.</summary>
    public ReadOnlySpan<int> Rows { get; }

    /// <summary>Entries of each row.</summary>
    public int Length { get; }

    /// <summary>Throws when something would be read or written outside its array.</summary>
    internal void Check(int columnCount, int targetCount, int lossCount)
    {
        if (Rows.Length is < 1 or > RowBatchSolver.Capacity || Weights.Length != Columns.Length)
        {
            throw new ArgumentException(
                $"{Rows.Length} rows, {Weights.Length} weights for {Columns.Length} columns: "
                + $"expected 1..{RowBatchSolver.Capacity} rows, equal counts");
        }

        foreach (var row in Rows)
        {
            var start = Offsets[row];
            if (Offsets[row + 1] - start != Length || start < 0 || start > Columns.Length - Length
                || row >= Math.Min(targetCount, lossCount))
            {
                throw new ArgumentException(
                    InvariantText.Of(
                        $"row {row} at {start} of {Columns.Length} entries: "
                        + $"expected {Length} entries and room for the row"));
            }

            // A negative ordinal is a large unsigned one.
            uint highest = 0;
            foreach (var column in Columns.Slice((int)start, Length))
            {
                highest = Math.Max(highest, (uint)column);
            }

            if (highest >= (uint)columnCount)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(columnCount), (int)highest, InvariantText.Of($"the other side has {columnCount} rows"));
            }
        }
    }
}
