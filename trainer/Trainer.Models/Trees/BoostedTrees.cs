using Trainer.Data.Running;

namespace Trainer.Models.Trees;

/// <summary>
/// Gradient-boosted regression trees on histograms (Friedman 2001; Ke et al. 2017 for histograms and growth by the best
/// leaf): f minimizes the logistic loss of offset + f(features), so that f corrects a score that is there already.
/// </summary>
public static class BoostedTrees
{
    /// <summary>Fits f as a sum of trees; the same at any number of threads.</summary>
    /// <param name="rows">n x features, row-major, finite.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="offsets">n scores that f is added to.</param>
    /// <param name="labels">n answers.</param>
    /// <param name="options">Settings.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static Tree[] Fit(
        float[] rows, int features, float[] offsets, bool[] labels, TreeOptions options, RunContext run)
    {
        var grower = new TreeGrower(new FeatureBins(rows, features), options, run);
        var sums = Array.ConvertAll(offsets, offset => (double)offset);
        var slopes = new float[sums.Length];
        var curvatures = new float[sums.Length];
        var trees = new Tree[options.Trees];
        for (var t = 0; t < trees.Length; t++)
        {
            run.Cancel.ThrowIfCancellationRequested();
            for (var row = 0; row < sums.Length; row++)
            {
                var p = 1 / (1 + Math.Exp(-sums[row]));
                slopes[row] = (float)((labels[row] ? 1 : 0) - p);
                curvatures[row] = (float)(p * (1 - p));
            }

            trees[t] = grower.Grow(slopes, curvatures, sums);
        }

        return trees;
    }
}
