using Trainer.Models.Matrices;

namespace Trainer.Models.Similarity;

/// <summary>Turns weights per target into the rows per history item that scoring reads.</summary>
public static class SimilarityBuilder
{
    /// <summary>Transposes target columns into rows; weights of 0 are dropped.</summary>
    /// <param name="targets">For every item i the items j that predict it, and B[j,i].</param>
    /// <param name="order">Where users of items are counted.</param>
    public static SimilarityMatrix FromTargets((int[] Columns, float[] Weights)[] targets, PopularityOrder order)
    {
        var offsets = new long[targets.Length + 1];
        foreach (var (columns, weights) in targets)
        {
            for (var n = 0; n < columns.Length; n++)
            {
                offsets[columns[n] + 1] += weights[n] != 0 ? 1 : 0;
            }
        }

        for (var item = 0; item < targets.Length; item++)
        {
            offsets[item + 1] += offsets[item];
        }

        var next = offsets.AsSpan(0, targets.Length).ToArray();
        var (neighbors, strengths) = (new int[offsets[^1]], new float[offsets[^1]]);
        for (var target = 0; target < targets.Length; target++)
        {
            var (columns, weights) = targets[target];
            for (var n = 0; n < columns.Length; n++)
            {
                if (weights[n] != 0)
                {
                    var place = next[columns[n]]++;
                    (neighbors[place], strengths[place]) = (target, weights[n]);
                }
            }
        }

        return new SimilarityMatrix(offsets, neighbors, strengths, [], order.ItemUsers);
    }
}
