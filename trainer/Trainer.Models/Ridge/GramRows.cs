using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// The strongest entries of every row of a symmetric item-item Gram, columns ascending, and its whole diagonal.
/// </summary>
public sealed class GramRows : IGram
{
    private readonly ArraySegment<int>[] _columns;
    private readonly ArraySegment<float>[] _values;
    private readonly int[] _lower;

    private GramRows(PopularityOrder order, float[] diagonal)
    {
        Order = order;
        Diagonal = diagonal;
        _columns = new ArraySegment<int>[diagonal.Length];
        _values = new ArraySegment<float>[diagonal.Length];
        _lower = new int[diagonal.Length];
    }

    /// <summary>The order of rows and columns: items by descending number of users.</summary>
    public PopularityOrder Order { get; }

    /// <inheritdoc/>
    public float[] Diagonal { get; }

    /// <summary>What one user adds to the diagonal on average over all pairs of user and item.</summary>
    public double UserWeight =>
        Diagonal.Sum(value => (double)value) / Math.Max(1, Order.ByItem.Columns.Length);

    /// <summary>The kept columns of one row, ascending, without the diagonal.</summary>
    public ReadOnlySpan<int> Columns(int row) => _columns[row];

    /// <inheritdoc/>
    public ReadOnlySpan<int> Lower(int row) => _columns[row].AsSpan(0, _lower[row]);

    /// <inheritdoc/>
    public ReadOnlySpan<float> Values(int row) => _values[row];

    /// <summary>Computes the Gram; strength within a row is value / sqrt(diagonal of the column).</summary>
    public static GramRows Compute(InteractionMatrix interactions, RidgeOptions options, RunContext run)
    {
        var order = PopularityOrder.Of(CappedHistory.Apply(interactions, options.HistoryCap), run);
        var userWeights = SimilarityScales.Powers(order.ByUser, options.UserExponent).Select(x => (float)x).ToArray();
        var scale = SimilarityScales.Powers(order.ByItem, options.ItemExponent);
        var (diagonal, strength) = Scales(order, userWeights, scale);
        var rows = new GramRows(order, diagonal);
        Workers.Run(
            diagonal.Length,
            run,
            () => new Scratch(order, userWeights, strength, options.GramNeighbors),
            (scratch, rank) => scratch.Keep(rows, rank, scale));
        return rows;
    }

    // G[i,i], and the factor that makes G[i,j] a strength of j.
    private static (float[] Diagonal, double[] Strength) Scales(
        PopularityOrder order, float[] userWeights, double[] scale)
    {
        var diagonal = new float[scale.Length];
        var strength = new double[scale.Length];
        for (var item = 0; item < scale.Length; item++)
        {
            double sum = 0;
            foreach (var user in order.ByItem.Row(item))
            {
                sum += userWeights[user];
            }

            diagonal[item] = (float)(sum * scale[item] * scale[item]);
            strength[item] = diagonal[item] > 0 ? scale[item] / Math.Sqrt(diagonal[item]) : 0;
        }

        return (diagonal, strength);
    }

    private sealed class Scratch(PopularityOrder order, float[] userWeights, double[] strength, int kept)
    {
        private readonly CoOccurrence _gram = new(order, userWeights, strength, 0, counted: false);
        private readonly NeighborList _list = new(kept);
        private readonly (int[] Columns, float[] Values) _row = (new int[kept], new float[kept]);
        private readonly RowStore<int> _columns = new();
        private readonly RowStore<float> _values = new();

        public void Keep(GramRows rows, int rank, double[] scale)
        {
            Select(rank);
            var found = _list.SortByItem();
            var lower = 0;
            for (var n = 0; n < found.Length; n++)
            {
                var other = found[n].Item;
                lower += other < rank ? 1 : 0;
                _row.Columns[n] = other;
                _row.Values[n] = (float)(_gram.Sum(other) * scale[rank] * scale[other]);
            }

            rows._lower[rank] = lower;
            rows._columns[rank] = _columns.Append(_row.Columns.AsSpan(0, found.Length));
            rows._values[rank] = _values.Append(_row.Values.AsSpan(0, found.Length));
        }

        private void Select(int rank)
        {
            _gram.Collect(rank);
            _list.Clear();
            while (_gram.Next(_list.Threshold) is { IsEmpty: false } found)
            {
                foreach (var other in found)
                {
                    if (other != rank)
                    {
                        _list.Add(other, (float)(_gram.Sum(other) * strength[other]));
                    }
                }
            }
        }
    }
}
