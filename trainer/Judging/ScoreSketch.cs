using Engine.Model;
using Engine.Model.Kernels;
using Engine.Scoring;
using Engine.Scoring.Hosting;
using Trainer.Models;
using Trainer.Training;

namespace Trainer.Judging;

/// <summary>
/// Each product's score quantiles over users, as the engine scores them. Of more than 5,000 users as many are taken, evenly
/// over their order; a stored percentile is then off by about half a point in the middle, less in the tails.
/// </summary>
public static class ScoreSketch
{
    private const int MostUsers = 5000;

    /// <summary>products x <see cref="ScoreQuantiles.Count"/>.</summary>
    public static float[] Compute(ScoringModel model, int threads)
    {
        var users = PairSampler.Evenly([.. Enumerable.Range(0, model.Users.Rows)], MostUsers);
        var sample = new UserSample(model, users);
        var quantiles = new float[model.Products.Rows * ScoreQuantiles.Count];
        Workers.Run(model.Products.Rows, threads, () => new Scratch(users.Length), (scratch, product) =>
        {
            sample.Score(new ProductOrdinal(product), scratch.Scores);
            scratch.Sort();
            ScoreQuantiles.Summarize(scratch.Scores, quantiles.AsSpan(product * ScoreQuantiles.Count, ScoreQuantiles.Count));
        });
        return quantiles;
    }

    private sealed class Scratch(int users)
    {
        private readonly ulong[] _keys = new ulong[users];
        private readonly ulong[] _spare = new ulong[users];
        private readonly int[] _counts = new int[RadixSort.Counts];

        public float[] Scores { get; } = new float[users];

        public void Sort()
        {
            for (var n = 0; n < Scores.Length; n++)
            {
                _keys[n] = RankKey.Pack(Scores[n], 0);
            }

            // Ascending keys are descending scores.
            var keys = RadixSort.Sort(_keys, _spare, _counts);
            for (var n = 0; n < keys.Length; n++)
            {
                Scores[^(n + 1)] = RankKey.Score(keys[n]);
            }
        }
    }
}
