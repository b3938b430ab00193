using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Similarity;

/// <summary>Turns weights per target into the rows per history item that scoring reads.</summary>
public static class SimilarityBuilder
{
    /// <summary>Transposes target columns into rows; weights of 0 are dropped.</summary>
    /// <param name="targets">For every item i the items j that predict it, and B[j,i].</param>
    /// <param name="order">Where users of items are counted.</param>
    /// <param name="run">Threads and cancellation; no result depends on it.</param>
    public static SimilarityMatrix FromTargets(
        (int[] Columns, float[] Weights)[] targets, PopularityOrder order, RunContext run)
    {
        var offsets = new long[targets.Length + 1];
        var (items, values) = (new List<int>(), new List<float>());
        for (var target = 0; target < targets.Length; target++)
        {
            var (columns, weights) = targets[target];
            for (var n = 0; n < columns.Length; n++)
            {
                if (weights[n] != 0)
                {
                    items.Add(columns[n]);
                    values.Add(weights[n]);
                }
            }

            offsets[target + 1] = items.Count;
        }

        var rows = SparseTransposition.Run(targets.Length, offsets, [.. items], [.. values], places: null, run);
        return new SimilarityMatrix(rows.Offsets, rows.Columns, rows.Weights, [], order.ItemUsers);
    }
}
