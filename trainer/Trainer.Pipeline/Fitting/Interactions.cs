using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Fitting;

/// <summary>Users by products, from the events of a scope.</summary>
public static class Interactions
{
    /// <summary>A matrix of the engine as one of the trainer's: the same rows.</summary>
    public static InteractionMatrix Of(SparseContent matrix, int columns) =>
        new(matrix.Rows, columns, matrix.Offsets, matrix.Indices, matrix.Values);

    /// <summary>1 for each user and product with a purchase.</summary>
    public static InteractionMatrix Purchases(ScopedDataset scoped)
    {
        var counts = PurchaseCounts(scoped);
        counts.Weights.AsSpan().Fill(1);
        return counts;
    }

    /// <summary>The purchases (rows, not units) of each user and product.</summary>
    public static InteractionMatrix PurchaseCounts(ScopedDataset scoped) =>
        Aggregate(scoped, e => scoped.Types[e] == BehaviorType.Purchase ? 1 : 0);

    private static InteractionMatrix Aggregate(ScopedDataset scoped, Func<long, double> weight)
    {
        var offsets = new long[scoped.UserCount + 1];
        var products = new List<int>();
        var sums = new List<float>();
        for (var user = 0; user < scoped.UserCount; user++)
        {
            for (var e = scoped.Offsets[user]; e < scoped.Offsets[user + 1];)
            {
                var product = scoped.Products[e];
                var sum = 0.0;
                for (; e < scoped.Offsets[user + 1] && scoped.Products[e] == product; e++)
                {
                    sum += weight(e);
                }

                if ((float)sum > 0)
                {
                    products.Add(product);
                    sums.Add((float)sum);
                }
            }

            offsets[user + 1] = products.Count;
        }

        return new InteractionMatrix(scoped.UserCount, scoped.ProductCount, offsets, [.. products], [.. sums]);
    }
}
