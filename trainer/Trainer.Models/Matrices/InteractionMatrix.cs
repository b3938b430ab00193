using Trainer.Data.Running;

namespace Trainer.Models.Matrices;

/// <summary>
/// Who did what, as compressed sparse rows: row r holds the entries <c>Offsets[r] .. Offsets[r+1]</c> of
/// <see cref="Columns"/> (strictly ascending within the row) and <see cref="Weights"/>. Costs 8 bytes an interaction
/// and 8 bytes a row.
/// </summary>
public sealed class InteractionMatrix
{
    private const int RowsPerPiece = 1024;

    private int[]? _longestRowsFirst;

    /// <param name="rowCount">Rows.</param>
    /// <param name="columnCount">Columns.</param>
    /// <param name="offsets">rowCount + 1 ascending offsets, from 0 to the number of entries.</param>
    /// <param name="columns">The column of every entry, strictly ascending within a row.</param>
    /// <param name="weights">The confidence of every entry: finite, at least 0.</param>
    /// <exception cref="ArgumentException">
    /// The arrays do not describe such a matrix; the message names the place.
    /// </exception>
    public InteractionMatrix(int rowCount, int columnCount, long[] offsets, int[] columns, float[] weights)
    {
        RowCount = rowCount;
        ColumnCount = columnCount;
        Offsets = offsets;
        Columns = columns;
        Weights = weights;
        Validate();
    }

    /// <summary>Rows, users as a rule.</summary>
    public int RowCount { get; }

    /// <summary>Columns, products as a rule.</summary>
    public int ColumnCount { get; }

    /// <summary>Where each row starts, and at the end the number of entries.</summary>
    public long[] Offsets { get; }

    /// <summary>The column of every entry.</summary>
    public int[] Columns { get; }

    /// <summary>The confidence of every entry.</summary>
    public float[] Weights { get; }

    /// <summary>Stored entries.</summary>
    public int Count => Columns.Length;

    /// <summary>All rows by descending length, equal lengths in their own order; computed at first use.</summary>
    public int[] LongestRowsFirst => _longestRowsFirst ??= SortByLength();

    /// <summary>Entries of one row.</summary>
    public int RowLength(int row) => (int)(Offsets[row + 1] - Offsets[row]);

    /// <summary>The columns of one row, ascending.</summary>
    public ReadOnlySpan<int> RowColumns(int row) => Columns.AsSpan((int)Offsets[row], RowLength(row));

    /// <summary>The weights of one row, in the order of its columns.</summary>
    public ReadOnlySpan<float> RowWeights(int row) => Weights.AsSpan((int)Offsets[row], RowLength(row));

    /// <summary>The rows of both, those of <paramref name="below"/> last; itself when that has none.</summary>
    public InteractionMatrix Append(InteractionMatrix below) => below.RowCount == 0 ? this : new(
        RowCount + below.RowCount,
        ColumnCount,
        [.. Offsets, .. below.Offsets.Skip(1).Select(offset => Count + offset)],
        [.. Columns, .. below.Columns],
        [.. Weights, .. below.Weights]);

    /// <summary>
    /// The entries for which <paramref name="keep"/>, given the row and the place of the entry, is true.
    /// </summary>
    public InteractionMatrix Where(Func<int, int, bool> keep)
    {
        var kept = new MatrixBuilder(ColumnCount, Count);
        for (var row = 0; row < RowCount; row++)
        {
            for (var e = (int)Offsets[row]; e < Offsets[row + 1]; e++)
            {
                if (keep(row, e))
                {
                    kept.Add(Columns[e], Weights[e]);
                }
            }

            kept.EndRow();
        }

        return kept.Build();
    }

    /// <summary>The same with all rows empty but some.</summary>
    /// <param name="rows">Those, ascending.</param>
    public InteractionMatrix OnlyRows(int[] rows)
    {
        var offsets = new long[RowCount + 1];
        foreach (var row in rows)
        {
            offsets[row + 1] = RowLength(row);
        }

        for (var row = 0; row < RowCount; row++)
        {
            offsets[row + 1] += offsets[row];
        }

        var (columns, weights) = (new int[offsets[^1]], new float[offsets[^1]]);
        foreach (var row in rows)
        {
            RowColumns(row).CopyTo(columns.AsSpan((int)offsets[row]));
            RowWeights(row).CopyTo(weights.AsSpan((int)offsets[row]));
        }

        return new InteractionMatrix(RowCount, ColumnCount, offsets, columns, weights);
    }

    /// <summary>Entries of every column.</summary>
    public int[] ColumnCounts()
    {
        var counts = new int[ColumnCount];
        foreach (var column in Columns)
        {
            counts[column]++;
        }

        return counts;
    }

    /// <summary>The same entries by column: rows and columns change places.</summary>
    public InteractionMatrix Transpose(RunContext run)
    {
        var (offsets, columns, weights) = SparseTransposition.Run(ColumnCount, Offsets, Columns, Weights, null, run);
        return new InteractionMatrix(ColumnCount, RowCount, offsets, columns, weights);
    }

    /// <summary>The same entries with column c as column <paramref name="places"/>[c].</summary>
    /// <param name="places">A permutation of the columns.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public InteractionMatrix Renumber(int[] places, RunContext run)
    {
        var columns = new int[Count];
        var weights = new float[Count];
        Workers.Run((RowCount + RowsPerPiece - 1) / RowsPerPiece, run, piece =>
        {
            for (var row = piece * RowsPerPiece; row < Math.Min(RowCount, (piece + 1) * RowsPerPiece); row++)
            {
                var (start, length) = ((int)Offsets[row], RowLength(row));
                for (var e = start; e < start + length; e++)
                {
                    (columns[e], weights[e]) = (places[Columns[e]], Weights[e]);
                }

                columns.AsSpan(start, length).Sort(weights.AsSpan(start, length));
            }
        });
        return new InteractionMatrix(RowCount, ColumnCount, Offsets, columns, weights);
    }

    private int[] SortByLength()
    {
        var rows = new int[RowCount];
        var keys = new long[RowCount];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = row;
            keys[row] = ((long)-RowLength(row) << 32) | (uint)row;
        }

        Array.Sort(keys, rows);
        return rows;
    }

    private void Validate()
    {
        if (RowCount < 0 || Offsets.Length != RowCount + 1 || Offsets[0] != 0 || Offsets[RowCount] != Columns.Length)
        {
            throw new ArgumentException(
                $"{RowCount} rows, {Offsets.Length} offsets, {Columns.Length} columns: "
                + "expected rows + 1 offsets from 0 to the entries");
        }

        if (Weights.Length != Columns.Length)
        {
            throw new ArgumentException($"{Weights.Length} weights for {Columns.Length} columns: expected one each");
        }

        for (var row = 0; row < RowCount; row++)
        {
            if (Offsets[row + 1] < Offsets[row] || Offsets[row + 1] > Columns.Length)
            {
                throw new ArgumentException(
                    $"row {row} ends at {Offsets[row + 1]}: expected ascending offsets within the entries");
            }

            var last = -1;
            for (var e = Offsets[row]; e < Offsets[row + 1]; e++)
            {
                if (Columns[e] <= last || Columns[e] >= ColumnCount)
                {
                    throw new ArgumentException(
                        $"row {row}, entry {e}: column {Columns[e]} after {last}: "
                        + $"expected ascending columns below {ColumnCount}");
                }

                last = Columns[e];
                if (!(Weights[e] >= 0 && float.IsFinite(Weights[e])))
                {
                    throw new ArgumentException(
                        $"row {row}, entry {e}: weight {Weights[e]}: expected a finite value of at least 0");
                }
            }
        }
    }
}
