namespace Trainer.Models;

/// <summary>
/// The strongest entries of every row of a symmetric item-item Gram, columns ascending, and its whole diagonal.
/// </summary>
public sealed class GramRows : IGram
{
    private readonly int[][] _columns;
    private readonly float[][] _values;
    private readonly int[][] _supports;

    private GramRows(PopularityOrder order, int[][] columns, float[][] values, int[][] supports, float[] diagonal)
    {
        Order = order;
        _columns = columns;
        _values = values;
        _supports = supports;
        Diagonal = diagonal;
    }

    /// <summary>What rows and columns stand for: items by descending number of users.</summary>
    public PopularityOrder Order { get; }

    /// <inheritdoc/>
    public float[] Diagonal { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> Columns(int row) => _columns[row];

    /// <inheritdoc/>
    public ReadOnlySpan<float> Values(int row) => _values[row];

    /// <summary>The users behind each of them.</summary>
    public ReadOnlySpan<int> Supports(int row) => _supports[row];

    /// <summary>Computes the Gram; strength within a row is value / sqrt(diagonal of the column).</summary>
    public static GramRows Compute(InteractionMatrix interactions, RidgeOptions options, CancellationToken cancellation)
    {
        var order = PopularityOrder.Of(CappedHistory.Apply(interactions, options.HistoryCap), options.Threads);
        var userWeights = SimilarityScales.Powers(order.ByUser, options.UserExponent).Select(x => (float)x).ToArray();
        var scale = SimilarityScales.Powers(order.ByItem, options.ItemExponent);
        var (diagonal, strength) = Scales(order, userWeights, scale);
        var items = order.Items.Length;
        var (columns, values, supports) = (new int[items][], new float[items][], new int[items][]);
        Workers.Run(
            items,
            options.Threads,
            () => (Gram: new CoOccurrence(order, userWeights, strength, 0), List: new NeighborList(options.GramNeighbors)),
            (scratch, rank) =>
            {
                Select(scratch.Gram, scratch.List, rank, strength);
                var kept = scratch.List.SortByItem();
                var row = (Columns: new int[kept.Length], Values: new float[kept.Length], Supports: new int[kept.Length]);
                for (var n = 0; n < kept.Length; n++)
                {
                    var other = kept[n].Item;
                    row.Columns[n] = other;
                    row.Supports[n] = scratch.Gram.Support(other);
                    row.Values[n] = (float)(scratch.Gram.Sum(other) * scale[rank] * scale[other]);
                }

                (columns[rank], values[rank], supports[rank]) = row;
            },
            cancellation);
        return new GramRows(order, columns, values, supports, diagonal);
    }

    // G[i,i], and the factor that makes G[i,j] a strength of j.
    private static (float[] Diagonal, double[] Strength) Scales(PopularityOrder order, float[] userWeights, double[] scale)
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

    private static void Select(CoOccurrence gram, NeighborList list, int rank, double[] strength)
    {
        gram.Collect(rank);
        list.Clear();
        while (gram.Next(list.Threshold) is { IsEmpty: false } found)
        {
            foreach (var other in found)
            {
                if (other != rank)
                {
                    list.Add(other, (float)(gram.Sum(other) * strength[other]));
                }
            }
        }
    }
}
