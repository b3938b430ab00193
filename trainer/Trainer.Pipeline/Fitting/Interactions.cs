using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Fitting;

/// <summary>Users by products, from the events of a scope.</summary>
public static class Interactions
{
    /// <summary>A matrix of the engine as one of the trainer's: the same arrays.</summary>
    public static InteractionMatrix Of(SparseContent matrix, int columns) =>
        new(matrix.Rows, columns, matrix.Offsets, matrix.Indices, matrix.Values);

    /// <summary>The same with rows below it.</summary>
    /// <param name="matrix">Its arrays have room for the entries of the rows below, and are changed.</param>
    /// <param name="below">The last rows.</param>
    public static InteractionMatrix Of(SparseContent matrix, InteractionMatrix below)
    {
        var count = (int)matrix.Offsets[^1];
        below.Columns.CopyTo(matrix.Indices, count);
        below.Weights.CopyTo(matrix.Values, count);
        return new(
            matrix.Rows + below.RowCount,
            below.ColumnCount,
            [.. matrix.Offsets, .. below.Offsets.Skip(1).Select(offset => count + offset)],
            matrix.Indices,
            matrix.Values);
    }

    /// <summary>Users by products: h of <see cref="UserProfiles.History"/>.</summary>
    public static InteractionMatrix Histories(UserProfiles profiles, int columns) =>
        Of(
            profiles.Weights with
            {
                Indices = profiles.Weights.Indices[..profiles.History.Length],
                Values = profiles.History,
            },
            columns);

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
        var pairs = 0;
        ForEachPair(scoped, (_, _) => pairs++, () => { });
        var rows = new MatrixBuilder(scoped.ProductCount, pairs);
        ForEachPair(scoped, (product, count) => rows.Add(product, count), rows.EndRow);
        return rows.Build();
    }

    /// <summary>Users who purchased each product.</summary>
    public static int[] Buyers(ScopedDataset scoped)
    {
        var buyers = new int[scoped.ProductCount];
        ForEachPair(scoped, (product, _) => buyers[product]++, () => { });
        return buyers;
    }

    private static void ForEachPair(ScopedDataset scoped, Action<int, int> pair, Action endUser)
    {
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
                    pair(product, count);
                }
            }

            endUser();
        }
    }
}
