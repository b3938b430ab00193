using Engine.Model.Kernels;

namespace Trainer.Models;

/// <summary>
/// Item weights by a small ridge regression per target: Steck's sparse Markov random field ("Markov Random Fields for
/// Collaborative Filtering", 2019) with r = 0. Target i is regressed on the k items with the greatest
/// G[i,j] / sqrt(G[j,j] + lam); its own weight is zero. The same at any number of threads.
/// </summary>
public static class LocalRidge
{
    /// <summary>Fits all targets on a Gram made for them.</summary>
    public static SimilarityMatrix Compute(
        InteractionMatrix interactions, RidgeOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        return Compute(GramRows.Compute(interactions, options, cancellation), options, cancellation);
    }

    /// <summary>Fits all targets on a Gram of the same exponents, so that a grid of k and lam pays for it once.</summary>
    public static SimilarityMatrix Compute(GramRows gram, RidgeOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        var items = gram.Diagonal.Length;
        var ridge = (float)(options.Regularization * Mean(gram.Diagonal));
        var targets = new (int[] Columns, float[] Weights, int[] Supports)[items];
        Workers.Run(
            items,
            options.Threads,
            () => new Scratch(options.Neighbors, items),
            (scratch, rank) => targets[gram.Order.Items[rank]] = Fit(gram, rank, ridge, scratch),
            cancellation);
        return SimilarityBuilder.FromTargets(targets, gram.Order);
    }

    private static (int[] Columns, float[] Weights, int[] Supports) Fit(
        GramRows gram, int target, float ridge, Scratch scratch)
    {
        var columns = gram.Columns(target);
        var values = gram.Values(target);
        var (list, system) = (scratch.List, scratch.System);
        list.Clear();
        for (var n = 0; n < columns.Length; n++)
        {
            list.Add(columns[n], values[n] / MathF.Sqrt(gram.Diagonal[columns[n]] + ridge));
        }

        var kept = list.SortByItem();
        var chosen = new int[kept.Length];
        for (var n = 0; n < kept.Length; n++)
        {
            chosen[n] = kept[n].Item;
        }

        // A Gram with entries left out may be indefinite: a stronger ridge always mends it.
        var weights = new float[chosen.Length];
        for (var strength = ridge; chosen.Length > 0; strength *= 4)
        {
            Fill(gram, chosen, strength, scratch);
            for (var n = 0; n < chosen.Length; n++)
            {
                weights[n] = values[columns.BinarySearch(chosen[n])];
            }

            if (system.Solve(weights))
            {
                break;
            }
        }

        var supports = new int[chosen.Length];
        for (var n = 0; n < chosen.Length; n++)
        {
            supports[n] = gram.Supports(target)[columns.BinarySearch(chosen[n])];
            chosen[n] = gram.Order.Items[chosen[n]];
        }

        return (chosen, weights, supports);
    }

    // G_NN + lam I, upper triangle: one pass over each chosen row, an entry counts when either row kept it.
    private static void Fill(GramRows gram, int[] chosen, float strength, Scratch scratch)
    {
        for (var n = 0; n < chosen.Length; n++)
        {
            scratch.System.Row(n)[..chosen.Length].Clear();
            scratch.System.Row(n)[n] = gram.Diagonal[chosen[n]] + strength;
            scratch.Place[chosen[n]] = (ushort)(n + 1);
        }

        for (var n = 0; n < chosen.Length; n++)
        {
            var columns = gram.Columns(chosen[n]);
            var values = gram.Values(chosen[n]);
            foreach (var e in scratch.Among(columns))
            {
                var place = scratch.Place[columns[e]] - 1;
                scratch.System.Row(Math.Min(n, place))[Math.Max(n, place)] = values[e];
            }
        }

        foreach (var item in chosen)
        {
            scratch.Place[item] = 0;
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

    // Of one thread; Place[item] is 1 + the item's row in the system, 0 outside.
    private sealed class Scratch(int neighbors, int items)
    {
        private int[] _found = [];

        public NeighborList List { get; } = new(neighbors);

        public DenseSystem System { get; } = new(neighbors);

        public ushort[] Place { get; } = new ushort[items];

        // Where the columns are that have a place. Few have, so there is no branch to be guessed wrong.
        public ReadOnlySpan<int> Among(ReadOnlySpan<int> columns)
        {
            if (_found.Length < columns.Length)
            {
                _found = new int[columns.Length];
            }

            var (found, place, count) = (_found, Place, 0);
            for (var e = 0; e < columns.Length; e++)
            {
                found[count] = e;
                count += place[columns[e]] != 0 ? 1 : 0;
            }

            return found.AsSpan(0, count);
        }
    }
}
