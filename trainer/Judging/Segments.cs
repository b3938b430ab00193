using Trainer.Models;
using Trainer.Training;

namespace Trainer.Judging;

/// <summary>Parts of a window: what was purchased again, what was new, and users by how active they had been.</summary>
/// <param name="All">Users by products: everything purchased in the window.</param>
/// <param name="Repeat">What the user had purchased before.</param>
/// <param name="New">What the user had not.</param>
/// <param name="Activity">Tenths of the users who purchased in the window, by purchases before it, fewest first.</param>
public sealed record Segments(InteractionMatrix All, InteractionMatrix Repeat, InteractionMatrix New, int[][] Activity)
{
    private const int Tenths = 10;

    /// <summary>Splits a window by the purchases before it.</summary>
    public static Segments Of(Holdout holdout, InteractionMatrix purchases)
    {
        var byActivity = holdout.Users
            .OrderBy(user => purchases.RowWeights(user).ToArray().Sum()).ThenBy(user => user).ToArray();
        var activity = Enumerable.Range(0, Tenths)
            .Select(t => byActivity[(byActivity.Length * t / Tenths)..(byActivity.Length * (t + 1) / Tenths)].Order().ToArray());
        return new Segments(
            holdout.Truth,
            Where(holdout.Truth, (user, product) => purchases.RowColumns(user).BinarySearch(product) >= 0),
            Where(holdout.Truth, (user, product) => purchases.RowColumns(user).BinarySearch(product) < 0),
            [.. activity]);
    }

    private static InteractionMatrix Where(InteractionMatrix matrix, Func<int, int, bool> keep)
    {
        var offsets = new long[matrix.RowCount + 1];
        var columns = new List<int>();
        for (var row = 0; row < matrix.RowCount; row++)
        {
            foreach (var column in matrix.RowColumns(row))
            {
                if (keep(row, column))
                {
                    columns.Add(column);
                }
            }

            offsets[row + 1] = columns.Count;
        }

        return new InteractionMatrix(matrix.RowCount, matrix.ColumnCount, offsets, [.. columns], [.. columns.Select(_ => 1f)]);
    }
}
