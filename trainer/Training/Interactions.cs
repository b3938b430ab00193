using Engine.Model;
using Engine.Model.Manifest;
using Trainer.Data;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>Users by products, from the events of a scope.</summary>
public static class Interactions
{
    /// <summary>
    /// The profile: for each user and product the sum of the weights of their behaviours, aged by the days before the scope's
    /// end. Pairs that weigh nothing (a type of weight 0) are left out.
    /// </summary>
    public static InteractionMatrix Weighted(ScopedDataset scoped, BehaviorWeights weights)
    {
        var byTypeAndAge = WeightTable(weights, scoped.LastDay);
        return Aggregate(scoped, e => byTypeAndAge[(int)scoped.Types[e]][scoped.LastDay - scoped.Days[e]]);
    }

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

    private static double[][] WeightTable(BehaviorWeights weights, int lastDay)
    {
        var table = new double[(int)BehaviorType.Purchase + 1][];
        foreach (var type in Enum.GetValues<BehaviorType>())
        {
            table[(int)type] = [.. Enumerable.Range(0, lastDay + 1).Select(age => weights.Weight(type, age))];
        }

        return table;
    }

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
