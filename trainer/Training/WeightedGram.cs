using Trainer.Models;

namespace Trainer.Training;

/// <summary>The strongest entries of every row of G = H'H for weighted histories H, and its whole diagonal.</summary>
public sealed class WeightedGram
{
    private readonly (int[] Columns, float[] Values)[] _rows;

    private WeightedGram((int[] Columns, float[] Values)[] rows, float[] diagonal)
    {
        _rows = rows;
        Diagonal = diagonal;
    }

    /// <summary>G[j,j].</summary>
    public float[] Diagonal { get; }

    /// <summary>The kept entries of a row without the diagonal, columns ascending.</summary>
    public (int[] Columns, float[] Values) Row(int item) => _rows[item];

    /// <summary>Computes it; users are summed in their own order, whatever the number of threads.</summary>
    /// <param name="history">Users by items.</param>
    /// <param name="kept">Entries of a row that stay: those of greatest value / sqrt(diagonal of the column); 8 bytes each.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancel">Stops between items.</param>
    public static WeightedGram Compute(InteractionMatrix history, int kept, int threads, CancellationToken cancel)
    {
        var byItem = history.Transpose(threads);
        var diagonal = new float[byItem.RowCount];
        for (var item = 0; item < diagonal.Length; item++)
        {
            foreach (var weight in byItem.RowWeights(item))
            {
                diagonal[item] += weight * weight;
            }
        }

        var rows = new (int[] Columns, float[] Values)[diagonal.Length];
        Workers.Run(
            rows.Length,
            threads,
            () => (Sums: new float[rows.Length], Touched: new List<int>(), List: new NeighborList(kept)),
            (scratch, item) => rows[item] = Row(history, byItem, item, diagonal, scratch.Sums, scratch.Touched, scratch.List),
            cancel);
        return new WeightedGram(rows, diagonal);
    }

    private static (int[] Columns, float[] Values) Row(
        InteractionMatrix history, InteractionMatrix byItem, int item, float[] diagonal, float[] sums, List<int> touched, NeighborList list)
    {
        touched.Clear();
        list.Clear();
        var users = byItem.RowColumns(item);
        for (var u = 0; u < users.Length; u++)
        {
            var weight = byItem.RowWeights(item)[u];
            var others = history.RowColumns(users[u]);
            var values = history.RowWeights(users[u]);
            for (var e = 0; e < others.Length; e++)
            {
                if (sums[others[e]] == 0)
                {
                    touched.Add(others[e]);
                }

                sums[others[e]] += weight * values[e];
            }
        }

        foreach (var other in touched)
        {
            if (other != item && sums[other] > 0)
            {
                list.Add(other, sums[other] / MathF.Sqrt(diagonal[other]));
            }
        }

        var found = list.SortByItem();
        var columns = new int[found.Length];
        var entries = new float[found.Length];
        for (var n = 0; n < found.Length; n++)
        {
            (columns[n], entries[n]) = (found[n].Item, sums[found[n].Item]);
        }

        foreach (var other in touched)
        {
            sums[other] = 0;
        }

        return (columns, entries);
    }
}
