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

    /// <summary>The days on which each user purchased each product.</summary>
    public static InteractionMatrix PurchaseCounts(ScopedDataset scoped)
    {
        var rows = new MatrixBuilder(scoped.ProductCount);
        for (var user = 0; user < scoped.UserCount; user++)
        {
            for (var e = scoped.Offsets[user]; e < scoped.Offsets[user + 1];)
            {
                var (product, count) = (scoped.Products[e], 0);
                for (; e < scoped.Offsets[user + 1] && scoped.Products[e] == product; e++)
                {
                    count += scoped.Types[e] == BehaviorType.Purchase ? 1 : 0;
                }

                if (count > 0)
                {
                    rows.Add(product, count);
                }
            }

            rows.EndRow();
        }

        return rows.Build();
    }
}
