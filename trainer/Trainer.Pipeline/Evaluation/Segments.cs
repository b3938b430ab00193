using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// Parts of a window: what was purchased again, what was new, what few purchase, and users by how active they had been.
/// </summary>
/// <param name="All">Users by products: everything purchased in the window.</param>
/// <param name="Repeat">What the user had purchased before.</param>
/// <param name="New">What the user had not.</param>
/// <param name="Tail">What few had purchased before: <paramref name="TailProducts"/>.</param>
/// <param name="TailProducts">
/// For each product whether fewer than <see cref="TailBuyers"/> users had purchased it.
/// </param>
/// <param name="Activity">
/// Tenths of the users who purchased in the window, by purchases before it, fewest first.
/// </param>
public sealed record Segments(
    InteractionMatrix All, InteractionMatrix Repeat, InteractionMatrix New, InteractionMatrix Tail,
    bool[] TailProducts, int[][] Activity)
{
    /// <summary>A product of so many purchasers is no tail product.</summary>
    public const int TailBuyers = 20;

    private const int Tenths = 10;

    /// <summary>Splits a window by the purchases before it.</summary>
    public static Segments Of(Holdout holdout, InteractionMatrix purchases)
    {
        var byActivity = holdout.Users
            .OrderBy(user => purchases.RowWeights(user).ToArray().Sum()).ThenBy(user => user).ToArray();
        var activity = Enumerable.Range(0, Tenths)
            .Select(
                t => byActivity[(byActivity.Length * t / Tenths)..(byActivity.Length * (t + 1) / Tenths)]
                    .Order()
                    .ToArray());
        var tail = Array.ConvertAll(purchases.ColumnCounts(), buyers => buyers < TailBuyers);
        var truth = holdout.Truth;
        return new Segments(
            truth,
            truth.Where((user, e) => purchases.RowColumns(user).BinarySearch(truth.Columns[e]) >= 0),
            truth.Where((user, e) => purchases.RowColumns(user).BinarySearch(truth.Columns[e]) < 0),
            truth.Where((_, e) => tail[truth.Columns[e]]),
            tail,
            [.. activity]);
    }
}
