using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;

namespace Trainer.Evaluation.Splits;

/// <summary>
/// Scopes that end before the dataset does, and the windows after them. Eligible products are computed for each split,
/// so nothing after a split is known before it.
/// </summary>
public static class TemporalSplits
{
    /// <summary>The fewest users with a purchase in a window that an evaluation needs.</summary>
    public const int MinimumUsers = 20;

    /// <summary>
    /// The window of learning in days, whatever the horizon: the score is the rate of one process, and the horizon
    /// enters its probability alone, so that the same pair never becomes less probable as the horizon grows.
    /// </summary>
    public const int LearningWindow = 30;

    /// <summary>The most windows to learn from.</summary>
    public const int MostLearning = 3;

    /// <summary>
    /// The scope that ends with <paramref name="day"/> and the window after it; null when they hold too little.
    /// </summary>
    public static (ScopedDataset Scoped, Holdout Holdout)? TryAt(
        Dataset dataset, DateOnly day, int window, RunContext run)
    {
        if (!HasProducts(dataset, day, window))
        {
            return null;
        }

        var scoped = Scope.At(dataset, day, window, run);
        var holdout = Holdout.After(scoped);
        return holdout.Users.Length >= MinimumUsers ? (scoped, holdout) : null;
    }

    /// <summary>
    /// The windows to learn from that end by <paramref name="day"/>, each with the scope before it, the last one first;
    /// one when it holds enough. Each is made when the enumeration reaches it.
    /// </summary>
    public static IEnumerable<(ScopedDataset Scoped, Holdout Holdout)> Learning(
        Dataset dataset, DateOnly day, RunContext run)
    {
        for (var k = 1; k <= MostLearning
            && TryAt(dataset, day.AddDays(-k * LearningWindow), LearningWindow, run) is { } split; k++)
        {
            yield return split;
            if (split.Holdout.IsEnough)
            {
                yield break;
            }
        }
    }

    private static bool HasProducts(Dataset dataset, DateOnly day, int horizon)
    {
        var scope = Scope.Ending(day, horizon);
        var products = new HashSet<int>();
        for (var i = 0L; i < dataset.Behaviors.Count && products.Count < Scope.MinimumProducts; i++)
        {
            var behavior = dataset.Behaviors[i];
            if (behavior is { Type: BehaviorType.Purchase, Count: > 0 }
                && scope.Contains(BehaviorLog.Date(behavior.Day)))
            {
                products.Add(behavior.Product);
            }
        }

        return products.Count >= Scope.MinimumProducts;
    }
}
