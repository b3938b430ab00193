using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Splits;

/// <summary>What the users of an earlier scope purchased in the window after it.</summary>
/// <param name="FirstDay">The first day of the window.</param>
/// <param name="LastDay">The last day of the window.</param>
/// <param name="Truth">Users of the scope by products of the scope: 1 where there is a purchase in the window.</param>
/// <param name="Users">The users with at least one, ascending.</param>
public sealed record Holdout(DateOnly FirstDay, DateOnly LastDay, InteractionMatrix Truth, int[] Users)
{
    private const int EnoughUsers = 100_000;

    /// <summary>Whether the window has so many purchasers that earlier windows would cost fits and improve nothing.</summary>
    public bool IsEnough => Users.Length >= EnoughUsers;

    /// <summary>
    /// Takes the window of <paramref name="scoped"/> from its dataset. Purchases of users or products that are not eligible in
    /// the scope cannot be predicted by any model and are excluded, for the baselines too.
    /// </summary>
    public static Holdout After(ScopedDataset scoped)
    {
        var users = Invert(scoped.UserSource, scoped.Dataset.UserIds.Length);
        var products = Invert(scoped.ProductSource, scoped.Dataset.Products.Count);
        var first = BehaviorLog.Day(scoped.Scope.WindowStart);
        var last = BehaviorLog.Day(scoped.Scope.WindowEnd);
        var pairs = new List<ulong>();
        var log = scoped.Dataset.Behaviors;
        for (var i = 0L; i < log.Count; i++)
        {
            var behavior = log[i];
            if (behavior is { Type: BehaviorType.Purchase, Count: > 0 } && behavior.Day >= first && behavior.Day <= last &&
                users[behavior.User] is >= 0 and var user && products[behavior.Product] is >= 0 and var product)
            {
                pairs.Add(((ulong)(uint)user << 32) | (uint)product);
            }
        }

        pairs.Sort();
        return Build(scoped, pairs);
    }

    // From pairs in ascending order, user above product; a pair counts once.
    private static Holdout Build(ScopedDataset scoped, List<ulong> pairs)
    {
        var offsets = new long[scoped.UserCount + 1];
        var products = new List<int>();
        for (var n = 0; n < pairs.Count; n++)
        {
            if (n == 0 || pairs[n] != pairs[n - 1])
            {
                offsets[(int)(pairs[n] >> 32) + 1]++;
                products.Add((int)(uint)pairs[n]);
            }
        }

        for (var user = 0; user < scoped.UserCount; user++)
        {
            offsets[user + 1] += offsets[user];
        }

        var weights = new float[products.Count];
        weights.AsSpan().Fill(1);
        var truth = new InteractionMatrix(scoped.UserCount, scoped.ProductCount, offsets, [.. products], weights);
        var users = Enumerable.Range(0, scoped.UserCount).Where(user => truth.RowLength(user) > 0).ToArray();
        return new Holdout(scoped.Scope.WindowStart, scoped.Scope.WindowEnd, truth, users);
    }

    private static int[] Invert(int[] source, int length)
    {
        var inverse = new int[length];
        inverse.AsSpan().Fill(-1);
        for (var i = 0; i < source.Length; i++)
        {
            inverse[source[i]] = i;
        }

        return inverse;
    }
}
