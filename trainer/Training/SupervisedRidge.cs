using Trainer.Models;

namespace Trainer.Training;

/// <summary>
/// Item weights that predict: each product's purchases in the windows after several cuts are regressed on the decayed history
/// before them, (G_NN + lam I) w = c_N with G = H'H and c = H'y, over the k history products with the greatest
/// c_j / sqrt(g_jj + lam), its own among them: repeat purchase is learned like any other pair. <see cref="LocalRidge"/> is the
/// unsupervised twin. The same at any number of threads.
/// </summary>
/// <remarks>An instance holds what is the same for every k and lam, the Gram above all.</remarks>
public sealed class SupervisedRidge
{
    private readonly PopularityOrder _order;
    private readonly InteractionMatrix _history;
    private readonly InteractionMatrix _byTarget;
    private readonly WeightedGram _gram;

    /// <summary>Computes the Gram.</summary>
    /// <param name="history">Users at cuts by products: h, at least 0.</param>
    /// <param name="targets">The same rows: what followed, weighted.</param>
    /// <param name="options">The Gram's entries a row, the cap on histories, threads.</param>
    /// <param name="cancel">Stops between products.</param>
    public SupervisedRidge(InteractionMatrix history, InteractionMatrix targets, RidgeOptions options, CancellationToken cancel = default)
    {
        options.Validate();
        var capped = CappedHistory.Apply(history, options.HistoryCap);
        _order = PopularityOrder.Of(capped, options.Threads);
        _history = capped.Renumber(_order.Ranks, options.Threads);
        _gram = WeightedGram.Compute(_history, options.GramNeighbors, options.Threads, cancel);
        _byTarget = targets.Transpose(options.Threads);
    }

    /// <summary>Fits all targets.</summary>
    /// <param name="options">k, lam, threads; the Gram stays as it is.</param>
    /// <param name="cancel">Stops between products.</param>
    /// <returns>B[j,i]: what one unit of history with j adds to i.</returns>
    public SimilarityMatrix Solve(RidgeOptions options, CancellationToken cancel = default)
    {
        options.Validate();
        var ridge = (float)Math.Max(options.Regularization * _gram.Diagonal.Average(), 1e-12);
        var fitted = new (int[] Columns, float[] Weights, int[] Supports)[_byTarget.RowCount];
        Workers.Run(
            fitted.Length,
            options.Threads,
            () => new Scratch(options.Neighbors, fitted.Length),
            (scratch, target) => fitted[target] = scratch.Fit(_history, _byTarget, target, _gram, ridge, _order.Items),
            cancel);
        return SimilarityBuilder.FromTargets(fitted, _order);
    }

    private sealed class Scratch(int neighbors, int ranks)
    {
        private readonly NeighborList _list = new(neighbors);
        private readonly SubGram _system = new(neighbors, ranks);
        private readonly float[] _sums = new float[ranks];
        private readonly int[] _counts = new int[ranks];
        private readonly List<int> _touched = [];

        public (int[] Columns, float[] Weights, int[] Supports) Fit(
            InteractionMatrix history, InteractionMatrix byTarget, int target, WeightedGram gram, float ridge, int[] items)
        {
            Collect(history, byTarget, target);
            _list.Clear();
            foreach (var item in _touched)
            {
                _list.Add(item, _sums[item] / MathF.Sqrt(gram.Diagonal[item] + ridge));
            }

            int[] chosen = [.. _list.SortByItem().ToArray().Select(entry => entry.Item)];
            var weights = new float[chosen.Length];
            _system.Solve(gram, chosen, ridge, b => Gather(chosen, b), weights);
            return (Array.ConvertAll(chosen, rank => items[rank]), weights, Array.ConvertAll(chosen, rank => _counts[rank]));
        }

        private void Collect(InteractionMatrix history, InteractionMatrix byTarget, int target)
        {
            foreach (var item in _touched)
            {
                (_sums[item], _counts[item]) = (0, 0);
            }

            _touched.Clear();
            var users = byTarget.RowColumns(target);
            for (var u = 0; u < users.Length; u++)
            {
                var label = byTarget.RowWeights(target)[u];
                var products = history.RowColumns(users[u]);
                var values = history.RowWeights(users[u]);
                for (var e = 0; e < products.Length; e++)
                {
                    if (_counts[products[e]]++ == 0)
                    {
                        _touched.Add(products[e]);
                    }

                    _sums[products[e]] += label * values[e];
                }
            }
        }

        private void Gather(int[] chosen, float[] values)
        {
            for (var n = 0; n < chosen.Length; n++)
            {
                values[n] = _sums[chosen[n]];
            }
        }
    }
}
