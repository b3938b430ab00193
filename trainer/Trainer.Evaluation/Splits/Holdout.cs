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

    /// <summary>
    /// Whether the window has so many purchasers that earlier windows would cost fits and improve nothing.
    /// </summary>
    public bool IsEnough => Users.Length >= EnoughUsers;

    /// <summary>
    /// Takes the window of <paramref name="scoped"/> from its dataset. Purchases of users or products that are not
    /// eligible in the scope cannot be predicted by any model and are excluded, for the baselines too.
    /// </summary>
    public static Holdout After(ScopedDataset scoped)
    {
        var users = Numbering.Invert(scoped.UserSource, scoped.Dataset.UserIds.Length);
        var products = Numbering.Invert(scoped.ProductSource, scoped.Dataset.Products.Count);
        var first = BehaviorLog.Day(scoped.Scope.WindowStart);
        var last = BehaviorLog.Day(scoped.Scope.WindowEnd);
        var pairs = new List<ulong>();
        var log = scoped.Dataset.Behaviors;
        for (var i = 0L; i < log.Count; i++)
        {
            var behavior = log[i];
            if (behavior is { Type: BehaviorType.Purchase, Count: > 0 } && behavior.Day >= first
                && behavior.Day <= last &&
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
        var rows = new MatrixBuilder(scoped.ProductCount);
        for (var (user, n) = (0, 0); user < scoped.UserCount; user++)
        {
            for (; n < pairs.Count && (int)(pairs[n] >> 32) == user; n++)
            {
                if (n == 0 || pairs[n] != pairs[n - 1])
                {
                    rows.Add((int)(uint)pairs[n]);
                }
            }

            rows.EndRow();
        }

        var truth = rows.Build();
        var users = Enumerable.Range(0, scoped.UserCount).Where(user => truth.RowLength(user) > 0).ToArray();
        return new Holdout(scoped.Scope.WindowStart, scoped.Scope.WindowEnd, truth, users);
    }
}
