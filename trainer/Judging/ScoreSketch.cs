using Engine.Model;
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
        var quantiles = new float[model.Products.Rows * ScoreQuantiles.Count];
        Workers.Run(model.Products.Rows, threads, () => new float[users.Length], (scores, product) =>
        {
            UserRanker.Score(model, new ProductOrdinal(product), users, scores);
            scores.AsSpan().Sort();
            ScoreQuantiles.Summarize(scores, quantiles.AsSpan(product * ScoreQuantiles.Count, ScoreQuantiles.Count));
        });
        return quantiles;
    }
}
