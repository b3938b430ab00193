using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Metrics;

/// <summary>
/// The top K of every user over all items, without the user's own train items: full ranking, no sampled negatives.
/// </summary>
/// <param name="Users">The users that were ranked.</param>
/// <param name="K">Places per user; a user with fewer candidates has item -1 in the last places.</param>
/// <param name="Items">K items per ranked user, best first.</param>
/// <param name="Scores">Their scores.</param>
public sealed record Ranking(int[] Users, int K, int[] Items, float[] Scores)
{
    /// <summary>The ranked items of the n-th ranked user.</summary>
    public ReadOnlySpan<int> List(int n) => Items.AsSpan(n * K, K);

    /// <summary>Ranks <paramref name="users"/> (ascending).</summary>
    /// <param name="scorer">Makes one scorer per thread.</param>
    /// <param name="exclude">Users by items: items that are excluded from each user's list.</param>
    /// <param name="users">Whom to rank, ascending.</param>
    /// <param name="k">Places, at least 1.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static Ranking Compute(
        Func<IItemScorer> scorer, InteractionMatrix exclude, int[] users, int k, RunContext run)
    {
        var ranking = new Ranking(users, k, new int[users.Length * k], new float[users.Length * k]);
        ranking.Items.AsSpan().Fill(-1);
        var blocks = Blocks(users);
        var stride = (exclude.ColumnCount + 15) & ~15;
        Workers.Run(
            blocks.Count,
            run,
            () => (Scorer: scorer(), Scores: new float[IItemScorer.BlockUsers * stride], Top: new TopItems(k)),
            (scratch, piece) =>
            {
                var (start, end) = blocks[piece];
                var first = users[start];
                scratch.Scorer.Score(first, users[end - 1] - first + 1, scratch.Scores, stride);
                for (var n = start; n < end; n++)
                {
                    var row = scratch.Scores.AsSpan((users[n] - first) * stride, exclude.ColumnCount);
                    foreach (var item in exclude.RowColumns(users[n]))
                    {
                        row[item] = float.NegativeInfinity;
                    }

                    ranking.Write(n, scratch.Top.Select(row));
                }
            });
        return ranking;
    }

    private void Write(int n, ReadOnlySpan<(float Score, int Item)> top)
    {
        for (var place = 0; place < top.Length; place++)
        {
            (Scores[(n * K) + place], Items[(n * K) + place]) = top[place];
        }
    }

    // Runs of places in users whose numbers are within one scoring block.
    internal static List<(int Start, int End)> Blocks(int[] users)
    {
        var blocks = new List<(int, int)>();
        for (int start = 0, end; start < users.Length; start = end)
        {
            for (end = start + 1; end < users.Length && users[end] - users[start] < IItemScorer.BlockUsers; end++)
            {
            }

            blocks.Add((start, end));
        }

        return blocks;
    }
}
