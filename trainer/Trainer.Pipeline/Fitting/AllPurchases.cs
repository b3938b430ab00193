using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// Purchases of the scope's products on all days up to its end, by all users: the scope year decides who is predicted,
/// older purchases and users who have left still tell which products go together.
/// </summary>
public static class AllPurchases
{
    /// <summary>
    /// 1 for each user and product with a purchase: the users of the scope in their order, then the others by id.
    /// </summary>
    /// <param name="scoped">The scope.</param>
    public static InteractionMatrix Of(ScopedDataset scoped)
    {
        if (scoped.Report.BeforeScope == 0)
        {
            return Interactions.Purchases(scoped);
        }

        var dataset = scoped.Dataset;
        var products = Numbering.Invert(scoped.ProductSource, dataset.Products.Count);
        var users = Numbering.Invert(scoped.UserSource, dataset.UserIds.Length);
        var last = BehaviorLog.Day(scoped.Scope.End);
        var others = new bool[users.Length];
        var count = 0;
        foreach (var behavior in Purchases())
        {
            others[behavior.User] = users[behavior.User] < 0;
            count++;
        }

        var rows = scoped.UserCount;
        foreach (var user in dataset.UsersById.Where(user => others[user]))
        {
            users[user] = rows++;
        }

        var (pairs, n) = (new ulong[count], 0);
        foreach (var behavior in Purchases())
        {
            pairs[n++] = ((ulong)(uint)users[behavior.User] << 32) | (uint)products[behavior.Product];
        }

        pairs.AsSpan().Sort();
        return Build(pairs, rows, scoped.ProductCount);

        IEnumerable<Behavior> Purchases()
        {
            for (var i = 0L; i < dataset.Behaviors.Count; i++)
            {
                var behavior = dataset.Behaviors[i];
                if (behavior is { Type: BehaviorType.Purchase, Count: > 0 } && behavior.Day <= last
                    && products[behavior.Product] >= 0)
                {
                    yield return behavior;
                }
            }
        }
    }

    // From pairs in ascending order, user above product; a pair counts once.
    private static InteractionMatrix Build(ulong[] pairs, int rows, int columns)
    {
        var offsets = new long[rows + 1];
        var count = 0;
        for (var n = 0; n < pairs.Length; n++)
        {
            if (n == 0 || pairs[n] != pairs[count - 1])
            {
                offsets[(int)(pairs[n] >> 32) + 1]++;
                pairs[count++] = pairs[n];
            }
        }

        for (var row = 0; row < rows; row++)
        {
            offsets[row + 1] += offsets[row];
        }

        var (products, weights) = (new int[count], new float[count]);
        for (var n = 0; n < count; n++)
        {
            products[n] = (int)(uint)pairs[n];
        }

        weights.AsSpan().Fill(1);
        return new InteractionMatrix(rows, columns, offsets, products, weights);
    }
}
