using Engine.Kernels.Solve;
using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// Item weights that predict: each product's purchases in the windows after several splits are regressed on the decayed
/// history before them, (G_NN + lam I) w = c_N with G = H'H and c = H'y, over the k history products with the greatest
/// c_j / sqrt(g_jj + lam), its own among them: repeat purchase is learned like any other pair. <see cref="LocalRidge"/>
/// is the unsupervised twin. The same at any number of threads.
/// </summary>
/// <remarks>An instance holds what is the same for every k and lam, the Gram above all.</remarks>
public sealed class SupervisedRidge
{
    private readonly PopularityOrder _order;
    private readonly InteractionMatrix _history;
    private readonly InteractionMatrix _byTarget;
    private readonly WeightedGram _gram;

    /// <summary>Computes the Gram.</summary>
    /// <param name="history">Users at splits by products: h, at least 0.</param>
    /// <param name="targets">The same rows: what followed, weighted.</param>
    /// <param name="options">The Gram's entries a row, the cap on histories, threads.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public SupervisedRidge(InteractionMatrix history, InteractionMatrix targets, RidgeOptions options, RunContext run)
    {
        options.Validate();
        var capped = CappedHistory.Apply(history, options.HistoryCap);
        _order = PopularityOrder.Of(capped, run);
        _history = capped.Renumber(_order.Ranks, run);
        _gram = WeightedGram.Compute(_history, options.GramNeighbors, run);
        _byTarget = targets.Transpose(run);
    }

    /// <summary>Fits all targets.</summary>
    /// <param name="options">k and lam; the Gram stays as it is.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <returns>B[j,i]: what one unit of history with j adds to i.</returns>
    public SimilarityMatrix Solve(RidgeOptions options, RunContext run)
    {
        options.Validate();
        var ridge = (float)Math.Max(options.Regularization * _gram.Diagonal.Average(), 1e-12);
        var fitted = new (int[] Columns, float[] Weights)[_byTarget.RowCount];
        Workers.Run(
            fitted.Length,
            run,
            () => new Scratch(_history, options.Neighbors),
            (scratch, target) => fitted[target] = scratch.Fit(_byTarget, target, _gram, ridge, _order.Items));
        return SimilarityBuilder.FromTargets(fitted, _order, run);
    }

    private sealed class Scratch(InteractionMatrix history, int neighbors)
    {
        private readonly WeightedSums _sums =
            new(history.Offsets, history.Columns, history.Weights, history.ColumnCount);
        private readonly NeighborList _list = new(neighbors);
        private readonly SubGram _system = new(neighbors, history.ColumnCount);

        public (int[] Columns, float[] Weights) Fit(
            InteractionMatrix byTarget, int target, WeightedGram gram, float ridge, int[] items)
        {
            _sums.Collect(byTarget.RowColumns(target), byTarget.RowWeights(target), history.ColumnCount);
            _list.Clear();
            foreach (var item in _sums.Touched)
            {
                _list.Add(item, _sums.Sum(item) / MathF.Sqrt(gram.Diagonal[item] + ridge));
            }

            int[] chosen = [.. _list.SortByItem().ToArray().Select(entry => entry.Item)];
            var weights = new float[chosen.Length];
            _system.Solve(gram, chosen, ridge, b => Gather(chosen, b), weights);
            return (Array.ConvertAll(chosen, rank => items[rank]), weights);
        }

        private void Gather(int[] chosen, float[] values)
        {
            for (var n = 0; n < chosen.Length; n++)
            {
                values[n] = _sums.Sum(chosen[n]);
            }
        }
    }
}
