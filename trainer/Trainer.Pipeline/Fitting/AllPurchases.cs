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
    /// <param name="inScope">The purchases of the scope alone; returned when there are no older ones.</param>
    public static InteractionMatrix Of(ScopedDataset scoped, InteractionMatrix inScope)
    {
        if (scoped.Report.BeforeScope == 0)
        {
            return inScope;
        }

        var dataset = scoped.Dataset;
        var products = Numbering.Invert(scoped.ProductSource, dataset.Products.Count);
        var users = Numbering.Invert(scoped.UserSource, dataset.UserIds.Length);
        var last = BehaviorLog.Day(scoped.Scope.End);
        var others = new SortedSet<int>(
            Comparer<int>.Create((a, b) => Utf8Order.Instance.Compare(dataset.UserIds[a], dataset.UserIds[b])));
        foreach (var behavior in Purchases())
        {
            if (users[behavior.User] < 0)
            {
                others.Add(behavior.User);
            }
        }

        var rows = scoped.UserCount;
        foreach (var user in others)
        {
            users[user] = rows++;
        }

        var pairs = new List<ulong>();
        foreach (var behavior in Purchases())
        {
            pairs.Add(((ulong)(uint)users[behavior.User] << 32) | (uint)products[behavior.Product]);
        }

        pairs.Sort();
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
    private static InteractionMatrix Build(List<ulong> pairs, int rows, int columns)
    {
        var offsets = new long[rows + 1];
        var products = new List<int>();
        for (var n = 0; n < pairs.Count; n++)
        {
            if (n == 0 || pairs[n] != pairs[n - 1])
            {
                offsets[(int)(pairs[n] >> 32) + 1]++;
                products.Add((int)(uint)pairs[n]);
            }
        }

        for (var row = 0; row < rows; row++)
        {
            offsets[row + 1] += offsets[row];
        }

        return new InteractionMatrix(rows, columns, offsets, [.. products], [.. Enumerable.Repeat(1f, products.Count)]);
    }
}
