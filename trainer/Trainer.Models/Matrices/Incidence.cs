using Engine.Kernels.Memory;

namespace Trainer.Models.Matrices;

/// <summary>
/// Which columns each row has, without weights: row r holds the entries <c>Offsets[r] .. Offsets[r+1]</c> of
/// <see cref="Columns"/>, ascending within a row. Costs 4 bytes an entry and 8 bytes a row.
/// </summary>
/// <param name="ColumnCount">Columns.</param>
/// <param name="Offsets">Where each row starts, and at the end the number of entries.</param>
/// <param name="Columns">The column of every entry.</param>
public sealed record Incidence(int ColumnCount, long[] Offsets, int[] Columns)
{
    /// <summary>Rows.</summary>
    public int RowCount => Offsets.Length - 1;

    /// <summary>The pattern of a matrix; shares its arrays.</summary>
    public static Incidence Of(InteractionMatrix matrix) => new(matrix.ColumnCount, matrix.Offsets, matrix.Columns);

    /// <summary>Entries of one row.</summary>
    public int RowLength(int row) => (int)(Offsets[row + 1] - Offsets[row]);

    /// <summary>The columns of one row, ascending.</summary>
    public ReadOnlySpan<int> Row(int row) => Columns.AsSpan((int)Offsets[row], RowLength(row));

    /// <summary>
    /// The same by column, column c becoming row <paramref name="places"/>[c]. Every thread takes a run of rows of about equally
    /// many entries and knows from all counts where its entries go: the same result at any number of threads.
    /// </summary>
    /// <param name="places">A permutation of the columns, or null for none.</param>
    /// <param name="threads">Threads.</param>
    public Incidence Transpose(int[]? places, int threads)
    {
        var starts = Starts(threads);
        var next = new long[threads][];
        Workers.Run(threads, threads, () => 0, (_, part) =>
        {
            var counts = next[part] = new long[ColumnCount];
            foreach (var column in Columns.AsSpan((int)Offsets[starts[part]]..(int)Offsets[starts[part + 1]]))
            {
                counts[places is null ? column : places[column]]++;
            }
        });
        var offsets = new long[ColumnCount + 1];
        for (var column = 0; column < ColumnCount; column++)
        {
            var place = offsets[column];
            foreach (var part in next)
            {
                (part[column], place) = (place, place + part[column]);
            }

            offsets[column + 1] = place;
        }

        var columns = new int[Columns.Length];
        // Written, and later read, all over the place.
        HugePages.Ask(columns.AsSpan());
        Workers.Run(threads, threads, () => 0, (_, part) =>
        {
            for (var row = starts[part]; row < starts[part + 1]; row++)
            {
                foreach (var column in Row(row))
                {
                    columns[next[part][places is null ? column : places[column]]++] = row;
                }
            }
        });
        return new Incidence(RowCount, offsets, columns);
    }

    private int[] Starts(int parts)
    {
        var starts = new int[parts + 1];
        for (var part = 1; part < parts; part++)
        {
            var row = Array.BinarySearch(Offsets, (long)Columns.Length * part / parts);
            starts[part] = Math.Clamp(row < 0 ? ~row : row, starts[part - 1], RowCount);
        }

        starts[parts] = RowCount;
        return starts;
    }
}
