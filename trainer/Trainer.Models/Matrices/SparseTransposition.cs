using Engine.Kernels.Memory;
using Trainer.Data.Running;

namespace Trainer.Models.Matrices;

/// <summary>
/// Rows and columns of compressed sparse rows change places. Every thread takes a run of rows of about equally many
/// entries and knows from all counts where its entries go, so the result is the same at any number of threads.
/// </summary>
internal static class SparseTransposition
{
    /// <summary>Transposes.</summary>
    /// <param name="columnCount">Columns.</param>
    /// <param name="offsets">Where each row starts, and at the end the number of entries.</param>
    /// <param name="columns">The column of every entry.</param>
    /// <param name="weights">The weight of every entry, or null.</param>
    /// <param name="places">For each column the row that it becomes, or null for its own number.</param>
    /// <param name="run">Threads and cancellation.</param>
    /// <returns>The same three arrays of the transposed matrix; no weights when there were none.</returns>
    public static (long[] Offsets, int[] Columns, float[] Weights) Run(
        int columnCount, long[] offsets, int[] columns, float[]? weights, int[]? places, RunContext run)
    {
        var starts = Starts(offsets, run.Threads);
        var next = new long[run.Threads][];
        Workers.Run(run.Threads, run, part =>
        {
            var counts = next[part] = new long[columnCount];
            foreach (var column in columns.AsSpan((int)offsets[starts[part]]..(int)offsets[starts[part + 1]]))
            {
                counts[places is null ? column : places[column]]++;
            }
        });
        var turned = (
            Offsets: new long[columnCount + 1],
            Columns: new int[columns.Length],
            Weights: new float[weights?.Length ?? 0]);
        for (var column = 0; column < columnCount; column++)
        {
            var place = turned.Offsets[column];
            foreach (var part in next)
            {
                (part[column], place) = (place, place + part[column]);
            }

            turned.Offsets[column + 1] = place;
        }

        // Written, and later read, at random.
        HugePages.Ask(turned.Columns.AsSpan());
        HugePages.Ask(turned.Weights.AsSpan());
        Workers.Run(run.Threads, run, part =>
        {
            for (var row = starts[part]; row < starts[part + 1]; row++)
            {
                for (var e = offsets[row]; e < offsets[row + 1]; e++)
                {
                    var place = next[part][places is null ? columns[e] : places[columns[e]]]++;
                    turned.Columns[place] = row;
                    if (weights is not null)
                    {
                        turned.Weights[place] = weights[e];
                    }
                }
            }
        });
        return turned;
    }

    // Rows of about equally many entries for each part.
    private static int[] Starts(long[] offsets, int parts)
    {
        var (starts, rows) = (new int[parts + 1], offsets.Length - 1);
        for (var part = 1; part < parts; part++)
        {
            var row = Array.BinarySearch(offsets, offsets[^1] * part / parts);
            starts[part] = Math.Clamp(row < 0 ? ~row : row, starts[part - 1], rows);
        }

        starts[parts] = rows;
        return starts;
    }
}
