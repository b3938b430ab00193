using Engine.Snapshots.Manifest;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// What each feature of a learned score contributes: its weight, and how far one standard deviation of it moves the
/// score.
/// </summary>
internal static class FeatureEffects
{
    /// <summary>The features with a weight, those that move scores most first.</summary>
    /// <param name="score">The learned score.</param>
    /// <param name="splits">
    /// The windows that it was learned on; deviations are those of all pairs of their users.
    /// </param>
    public static FeatureRow[] Of(LearnedScore score, IReadOnlyList<SplitSample> splits)
    {
        var names = score.Layout.Names.Concat(FeatureLayout.UserNames).ToArray();
        double[] weights = [.. score.Weights, .. score.UserWeights];
        var (sums, squares, total) = (new double[names.Length], new double[names.Length], 0.0);
        foreach (var sample in splits.Select(split => split.Everyone))
        {
            for (var row = 0; row < sample.Count; row++)
            {
                var (values, weight) = (sample.Row(row).ToArray(), (double)sample.Weight(row));
                total += weight;
                for (var k = 0; k < names.Length; k++)
                {
                    sums[k] += weight * values[k];
                    squares[k] += weight * values[k] * values[k];
                }
            }
        }

        var rows =
            from k in Enumerable.Range(0, names.Length)
            where weights[k] != 0 && total > 0
            let deviation = Math.Sqrt(Math.Max(0, (squares[k] / total) - Math.Pow(sums[k] / total, 2)))
            select new FeatureRow(names[k], weights[k], Math.Abs(weights[k]) * deviation);
        return [.. rows.OrderByDescending(row => row.Effect).ThenBy(row => row.Name, StringComparer.Ordinal)];
    }
}
