namespace Trainer.Models;

/// <summary>
/// The strongest entries of every row of a symmetric item-item Gram, columns ascending, and its whole diagonal.
/// </summary>
public sealed class GramRows
{
    private readonly int[][] _columns;
    private readonly float[][] _values;
    private readonly int[][] _supports;

    private GramRows(int[][] columns, float[][] values, int[][] supports, float[] diagonal)
    {
        _columns = columns;
        _values = values;
        _supports = supports;
        Diagonal = diagonal;
    }

    /// <summary>G[i,i].</summary>
    public float[] Diagonal { get; }

    /// <summary>The kept columns of one row, without the diagonal.</summary>
    public ReadOnlySpan<int> Columns(int row) => _columns[row];

    /// <summary>Their values.</summary>
    public ReadOnlySpan<float> Values(int row) => _values[row];

    /// <summary>The users behind each of them.</summary>
    public ReadOnlySpan<int> Supports(int row) => _supports[row];

    /// <summary>Computes the Gram; strength within a row is value / sqrt(diagonal of the column).</summary>
    public static GramRows Compute(InteractionMatrix interactions, RidgeOptions options, CancellationToken cancellation)
    {
        var byUser = CappedHistory.Apply(interactions, options.HistoryCap);
        var userWeights = SimilarityScales.Powers(byUser, options.UserExponent).Select(x => (float)x).ToArray();
        var byItem = byUser.Transpose();
        var items = byItem.RowCount;
        var scale = SimilarityScales.Powers(byItem, options.ItemExponent);
        var diagonal = new float[items];
        for (var item = 0; item < items; item++)
        {
            double sum = 0;
            foreach (var user in byItem.RowColumns(item))
            {
                sum += userWeights[user];
            }

            diagonal[item] = (float)(sum * scale[item] * scale[item]);
        }

        var strength = new double[items];
        for (var item = 0; item < items; item++)
        {
            strength[item] = diagonal[item] > 0 ? scale[item] / Math.Sqrt(diagonal[item]) : 0;
        }

        var (columns, values, supports) = (new int[items][], new float[items][], new int[items][]);
        Workers.Run(
            items,
            options.Threads,
            () => (Gram: new CoOccurrence(byUser, byItem, userWeights, strength, 0), List: new NeighborList(options.GramNeighbors)),
            (scratch, item) =>
            {
                scratch.Gram.Collect(item);
                scratch.List.Clear();
                while (scratch.Gram.Next(scratch.List.Threshold) is { IsEmpty: false } found)
                {
                    foreach (var other in found)
                    {
                        if (other != item)
                        {
                            scratch.List.Add(other, (float)(scratch.Gram.Sum(other) * strength[other]));
                        }
                    }
                }

                var kept = scratch.List.SortByItem();
                (columns[item], values[item]) = (new int[kept.Length], new float[kept.Length]);
                supports[item] = new int[kept.Length];
                for (var n = 0; n < kept.Length; n++)
                {
                    columns[item][n] = kept[n].Item;
                    supports[item][n] = scratch.Gram.Support(kept[n].Item);
                    values[item][n] = (float)(scratch.Gram.Sum(kept[n].Item) * scale[item] * scale[kept[n].Item]);
                }
            },
            cancellation);
        return new GramRows(columns, values, supports, diagonal);
    }
}
