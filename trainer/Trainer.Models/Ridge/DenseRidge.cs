using Engine.Kernels.Solve;
using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// The ridge of every target on all other items at once (EASE: Steck, "Embarrassingly Shallow Autoencoders for Sparse
/// Data", 2019; with dropout EDLAE, 2020): with P = (G + lam I + p / (1 - p) diag(G))^-1, B[j,i] = -P[j,i] / P[i,i].
/// What <see cref="LocalRidge"/> approximates, for sets of a few thousand items. The same at any number of threads.
/// </summary>
/// <param name="Items">Items.</param>
/// <param name="Stride">Floats from row to row.</param>
/// <param name="Values">B[j,i] at j * Stride + i, 0 on the diagonal and in the padding.</param>
public sealed record DenseRidge(int Items, int Stride, float[] Values)
{
    /// <summary>Fits all targets.</summary>
    /// <param name="interactions">Users by items; weights only decide what stays of a long history.</param>
    /// <param name="options">The exponents, lam, p and the cap of histories.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static DenseRidge Compute(InteractionMatrix interactions, RidgeOptions options, RunContext run)
    {
        options.Validate();
        var byUser = Incidence.Of(CappedHistory.Apply(interactions, options.HistoryCap));
        var byItem = byUser.Transpose(null, run);
        for (var strength = options.Regularization; ; strength *= 4)
        {
            var system = new DenseInverse(interactions.ColumnCount);
            Fill(system, byUser, byItem, options with { Regularization = strength }, run);
            if (Invert(system, run))
            {
                Normalize(system, interactions.ColumnCount, run);
                return new DenseRidge(interactions.ColumnCount, system.Stride, system.Values);
            }
        }
    }

    /// <summary>What one unit of history with an item adds to every item.</summary>
    public ReadOnlySpan<float> Row(int item) => Values.AsSpan(item * Stride, Items);

    private static void Fill(
        DenseInverse system, Incidence byUser, Incidence byItem, RidgeOptions options, RunContext run)
    {
        float[] users = [.. SimilarityScales.Powers(byUser, options.UserExponent).Select(x => (float)x)];
        float[] scale = [.. SimilarityScales.Powers(byItem, options.ItemExponent).Select(x => (float)x)];
        var diagonal = new double[byItem.RowCount];
        Workers.Run(byItem.RowCount, run, item =>
        {
            var row = system.Values.AsSpan(item * system.Stride, byItem.RowCount);
            foreach (var user in byItem.Row(item))
            {
                foreach (var other in byUser.Row(user))
                {
                    row[other] += users[user];
                }
            }

            for (var other = 0; other < row.Length; other++)
            {
                row[other] *= scale[item] * scale[other];
            }

            diagonal[item] = row[item];
        });
        var ridge = options.Regularization * Math.Max(diagonal.Average(), 1e-12);
        for (var item = 0; item < diagonal.Length; item++)
        {
            system.Values[(item * system.Stride) + item] = (float)((diagonal[item] / (1 - options.Dropout)) + ridge);
        }
    }

    private static bool Invert(DenseInverse system, RunContext run)
    {
        for (var block = 0; block < system.Blocks; block++)
        {
            if (!system.Begin(block))
            {
                return false;
            }

            var eliminated = block;
            Workers.Run(system.Strips, run, strip => system.Update(eliminated, strip));
        }

        return true;
    }

    private static void Normalize(DenseInverse system, int items, RunContext run)
    {
        var scale = new float[items];
        for (var item = 0; item < items; item++)
        {
            scale[item] = -1 / system.Values[(item * system.Stride) + item];
        }

        Workers.Run(items, run, item =>
        {
            var row = system.Values.AsSpan(item * system.Stride, items);
            for (var target = 0; target < items; target++)
            {
                row[target] *= scale[target];
            }

            row[item] = 0;
        });
    }
}
