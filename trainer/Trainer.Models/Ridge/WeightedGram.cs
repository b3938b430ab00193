using Engine.Kernels.Solve;
using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// G = H'H for weighted histories H: its diagonal, and of every row the strongest entries left of it.
/// </summary>
public sealed class WeightedGram : IGram
{
    private readonly (ArraySegment<int> Columns, ArraySegment<float> Values)[] _rows;

    private WeightedGram((ArraySegment<int> Columns, ArraySegment<float> Values)[] rows, float[] diagonal)
    {
        _rows = rows;
        Diagonal = diagonal;
    }

    /// <inheritdoc/>
    public float[] Diagonal { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> Lower(int row) => _rows[row].Columns;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Values(int row) => _rows[row].Values;

    /// <summary>Computes it; users are summed in their own order, whatever the number of threads.</summary>
    /// <param name="history">Users by items, in descending order of their users.</param>
    /// <param name="kept">
    /// Entries of a row that stay: those of greatest value / sqrt(diagonal of the column); 8 bytes each.
    /// </param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static WeightedGram Compute(InteractionMatrix history, int kept, RunContext run)
    {
        var byItem = history.Transpose(run);
        var diagonal = new float[byItem.RowCount];
        for (var item = 0; item < diagonal.Length; item++)
        {
            foreach (var weight in byItem.RowWeights(item))
            {
                diagonal[item] += weight * weight;
            }
        }

        var norms = Array.ConvertAll(diagonal, MathF.Sqrt);
        var rows = new (ArraySegment<int> Columns, ArraySegment<float> Values)[diagonal.Length];
        Workers.Run(
            rows.Length,
            run,
            () => new Scratch(history, kept),
            (scratch, item) => rows[item] = scratch.Strongest(byItem, item, norms));
        return new WeightedGram(rows, diagonal);
    }

    private sealed class Scratch(InteractionMatrix history, int kept)
    {
        private readonly WeightedSums _sums =
            new(history.Offsets, history.Columns, history.Weights, history.ColumnCount);
        private readonly NeighborList _list = new(kept);
        private readonly (int[] Columns, float[] Values) _row = (new int[kept], new float[kept]);
        private readonly RowStore<int> _columns = new();
        private readonly RowStore<float> _values = new();

        public (ArraySegment<int> Columns, ArraySegment<float> Values) Strongest(
            InteractionMatrix byItem, int item, float[] norms)
        {
            _sums.Collect(byItem.RowColumns(item), byItem.RowWeights(item), item);
            _list.Clear();
            foreach (var other in _sums.Touched)
            {
                _list.Add(other, _sums.Sum(other) / norms[other]);
            }

            var found = _list.SortByItem();
            for (var n = 0; n < found.Length; n++)
            {
                (_row.Columns[n], _row.Values[n]) = (found[n].Item, _sums.Sum(found[n].Item));
            }

            return (
                _columns.Append(_row.Columns.AsSpan(0, found.Length)),
                _values.Append(_row.Values.AsSpan(0, found.Length)));
        }
    }
}
