using Engine.Model.Kernels;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>The strongest entries of every row of G = H'H for weighted histories H, and its whole diagonal.</summary>
public sealed class WeightedGram : IGram
{
    private readonly (int[] Columns, float[] Values)[] _rows;

    private WeightedGram((int[] Columns, float[] Values)[] rows, float[] diagonal)
    {
        _rows = rows;
        Diagonal = diagonal;
    }

    /// <inheritdoc/>
    public float[] Diagonal { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> Columns(int row) => _rows[row].Columns;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Values(int row) => _rows[row].Values;

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

        var norms = Array.ConvertAll(diagonal, MathF.Sqrt);
        var rows = new (int[] Columns, float[] Values)[diagonal.Length];
        Workers.Run(
            rows.Length,
            threads,
            () => (Sums: new WeightedSums(history.Offsets, history.Columns, history.Weights, rows.Length), List: new NeighborList(kept)),
            (scratch, item) =>
            {
                scratch.Sums.Collect(byItem.RowColumns(item), byItem.RowWeights(item));
                rows[item] = Strongest(scratch.Sums, item, norms, scratch.List);
            },
            cancel);
        return new WeightedGram(rows, diagonal);
    }

    private static (int[] Columns, float[] Values) Strongest(WeightedSums sums, int item, float[] norms, NeighborList list)
    {
        list.Clear();
        foreach (var other in sums.Touched)
        {
            if (other != item)
            {
                list.Add(other, sums.Sum(other) / norms[other]);
            }
        }

        var found = list.SortByItem();
        var columns = new int[found.Length];
        var entries = new float[found.Length];
        for (var n = 0; n < found.Length; n++)
        {
            (columns[n], entries[n]) = (found[n].Item, sums.Sum(found[n].Item));
        }

        return (columns, entries);
    }
}
