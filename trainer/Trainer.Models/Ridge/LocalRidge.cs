using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// Item weights by a small ridge regression per target: Steck's sparse Markov random field ("Markov Random Fields for
/// Collaborative Filtering", 2019) with r = 0. Target i is regressed on the k items with the greatest
/// G[i,j] / sqrt(G[j,j] + lam); its own weight is zero. With <see cref="RidgeOptions.Sparsity"/> the regression is
/// that of SLIM (Ning and Karypis, "SLIM: Sparse Linear Methods for Top-N Recommender Systems", 2011). The same at any
/// number of threads.
/// </summary>
public static class LocalRidge
{
    /// <summary>Fits all targets on a Gram made for them.</summary>
    public static SimilarityMatrix Compute(
        InteractionMatrix interactions, RidgeOptions options, RunContext run)
    {
        options.Validate();
        return Compute(GramRows.Compute(interactions, options, run), options, run);
    }

    /// <summary>
    /// Fits all targets on a Gram of the same exponents, so that a grid of k and lam pays for it once.
    /// </summary>
    public static SimilarityMatrix Compute(GramRows gram, RidgeOptions options, RunContext run)
    {
        options.Validate();
        var items = gram.Diagonal.Length;
        var penalty = (
            Ridge: (float)(options.Regularization * Mean(gram.Diagonal)),
            L1: (float)(options.Sparsity * gram.UserWeight));
        var seen = DropoutGram.Of(gram, options.Dropout);
        var targets = new (int[] Columns, float[] Weights)[items];
        Workers.Run(
            items,
            run,
            () => (List: new NeighborList(options.Neighbors), System: new SubGram(options.Neighbors, items)),
            (scratch, rank) =>
                targets[gram.Order.Items[rank]] = Fit(gram, seen, rank, penalty, scratch.List, scratch.System));
        return SimilarityBuilder.FromTargets(targets, gram.Order, run);
    }

    private static (int[] Columns, float[] Weights) Fit(
        GramRows gram, IGram seen, int target, (float Ridge, float L1) penalty, NeighborList list, SubGram system)
    {
        var columns = gram.Columns(target);
        var values = gram.Values(target);
        list.Clear();
        for (var n = 0; n < columns.Length; n++)
        {
            list.Add(columns[n], values[n] / MathF.Sqrt(gram.Diagonal[columns[n]] + penalty.Ridge));
        }

        var kept = list.SortByItem();
        var chosen = new int[kept.Length];
        for (var n = 0; n < kept.Length; n++)
        {
            chosen[n] = kept[n].Item;
        }

        var weights = new float[chosen.Length];
        Action<float[]> right = b => Gather(gram, target, chosen, b);
        if (penalty.L1 > 0)
        {
            system.SolveSparse(seen, chosen, penalty.Ridge, penalty.L1, right, weights);
        }
        else
        {
            system.Solve(seen, chosen, penalty.Ridge, right, weights);
        }

        return (Array.ConvertAll(chosen, rank => gram.Order.Items[rank]), weights);
    }

    // c_N of the target.
    private static void Gather(GramRows gram, int target, int[] chosen, float[] values)
    {
        for (var n = 0; n < chosen.Length; n++)
        {
            values[n] = gram.Values(target)[gram.Columns(target).BinarySearch(chosen[n])];
        }
    }

    private static double Mean(float[] values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        return Math.Max(sum / Math.Max(1, values.Length), 1e-12);
    }
}
