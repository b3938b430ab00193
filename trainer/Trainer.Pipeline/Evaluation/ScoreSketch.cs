using Engine.Kernels.Arithmetic;
using Engine.Scoring.Models;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Scoring;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// Each product's score quantiles over users, as the engine scores them. Of more than 5,000 users as many are taken,
/// evenly over their order; replies state the error of a percentile (<see cref="ScoreQuantiles.Place"/>).
/// </summary>
public static class ScoreSketch
{
    // Products scored at a time.
    private const int Tile = 16;

    /// <summary>The snapshot with the users whose scores are sketched.</summary>
    public static TemporaryModel Sample(SnapshotContent content)
    {
        var users =
            PairSampler.Evenly([.. Enumerable.Range(0, content.UserIds.Count)], ScoreQuantiles.MostUsers);
        return new TemporaryModel(Of(content, users), users);
    }

    /// <summary>products x <see cref="ScoreQuantiles.Count"/>.</summary>
    /// <param name="model">Of <see cref="Sample"/>.</param>
    /// <param name="run">Threads; no result depends on it.</param>
    public static float[] Compute(ScoringModel model, RunContext run)
    {
        int[] users = [.. Enumerable.Range(0, model.Users.Rows)];
        var quantiles = new float[model.Products.Rows * ScoreQuantiles.Count];
        foreach (var part in new UserSample(model, users, run.Threads).Parts())
        {
            Workers.Run((part.End - part.First + Tile - 1)
                / Tile, run, () => new Scratch(users.Length), (scratch, tile) =>
            {
                var first = part.First + (tile * Tile);
                var scores = scratch.Scores.AsSpan(0, Math.Min(Tile, part.End - first) * users.Length);
                part.Score(first, scores);
                for (var product = first; !scores.IsEmpty; product++)
                {
                    scratch.Sort(scores[..users.Length]);
                    ScoreQuantiles.Summarize(
                        scores[..users.Length], quantiles.AsSpan(product * ScoreQuantiles.Count, ScoreQuantiles.Count));
                    scores = scores[users.Length..];
                }
            });
        }

        return quantiles;
    }

    // The same snapshot with some of its users.
    private static SnapshotContent Of(SnapshotContent content, int[] users)
    {
        var factors = new FactorContent(users.Length, content.UserFactors.Columns);
        var (history, offsets) = (content.History, new long[users.Length + 1]);
        for (var n = 0; n < users.Length; n++)
        {
            content.UserFactors.Row(users[n]).CopyTo(factors.Row(n));
            offsets[n + 1] = offsets[n] + history.Offsets[users[n] + 1] - history.Offsets[users[n]];
        }

        return content with
        {
            Manifest = content.Manifest with { UserCount = users.Length },
            UserIds = Array.ConvertAll(users, user => content.UserIds[user]),
            UserFactors = factors,
            History = new HistoryContent(
                offsets, Rows(history.Products), Rows(history.Days), Rows(history.Types), Rows(history.Counts)),
            OutOfScope = null,
        };

        T[] Rows<T>(T[] values) => [.. users.SelectMany(
            user => values[(int)history.Offsets[user]..(int)history.Offsets[user + 1]])];
    }

    private sealed class Scratch(int users)
    {
        private readonly ulong[] _keys = new ulong[users];
        private readonly ulong[] _spare = new ulong[users];
        private readonly int[] _counts = new int[RadixSort.Counts];

        public float[] Scores { get; } = new float[Tile * users];

        public void Sort(Span<float> scores)
        {
            for (var n = 0; n < scores.Length; n++)
            {
                _keys[n] = RankKey.Pack(scores[n], 0);
            }

            // Ascending keys are descending scores.
            var keys = RadixSort.Sort(_keys, _spare, _counts);
            for (var n = 0; n < keys.Length; n++)
            {
                scores[^(n + 1)] = RankKey.Score(keys[n]);
            }
        }
    }
}
