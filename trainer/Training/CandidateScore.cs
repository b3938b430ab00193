using System.Numerics.Tensors;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>Judges learned scores on a window, by the parts that the fitted model has in memory.</summary>
internal static class CandidateScore
{
    private const int TopK = 20;
    private const int MostUsers = 2000;

    /// <summary>Each score's mean nDCG@20 of at most 2,000 users who purchased in the window, over all products.</summary>
    public static double[] Ndcg(CutSample cut, LearnedScore[] scores, int threads)
    {
        var users = PairSampler.Evenly(cut.Holdout.Users, MostUsers);
        var competitors = Array.ConvertAll(scores, score => (score, Rates(score, cut.Model)));
        var gains = new double[scores.Length, users.Length];
        Workers.Run(
            users.Length,
            threads,
            () => new Scratch(cut.Model, scores[0].Layout),
            (scratch, n) =>
            {
                scratch.Turn(users[n]);
                for (var c = 0; c < competitors.Length; c++)
                {
                    var (score, rates) = competitors[c];
                    gains[c, n] = RankingMetrics.NdcgOf(scratch.Top(score, rates), cut.Holdout.Truth.RowColumns(users[n]), TopK);
                }
            });
        return [.. Enumerable.Range(0, scores.Length).Select(c => Enumerable.Range(0, users.Length).Sum(n => gains[c, n]) / users.Length)];
    }

    private static float[] Rates(LearnedScore score, FittedModel model) =>
        [.. Enumerable.Range(0, model.Scoped.ProductCount).Select(product => score.ProductRate(model.Signals, product))];

    private sealed class Scratch(FittedModel model, FeatureLayout layout)
    {
        private readonly PairFeatures _pairs = new(model, layout);
        private readonly float[] _features = new float[layout.Count];
        private readonly float[] _scores = new float[model.Scoped.ProductCount];
        private readonly TopItems _top = new(TopK);

        public void Turn(int user) => _pairs.Compute(user);

        public ReadOnlySpan<(float Score, int Item)> Top(LearnedScore score, float[] rates)
        {
            TensorPrimitives.MultiplyAdd(_pairs.Factors, score.FactorWeight, rates, _scores);
            TensorPrimitives.MultiplyAdd(_pairs.Similarity, score.SimilarityWeight, _scores, _scores);
            foreach (var product in _pairs.History)
            {
                _pairs.Write(product, _features);
                _scores[product] = (float)score.Pair(_features);
            }

            return _top.Select(_scores);
        }
    }
}
