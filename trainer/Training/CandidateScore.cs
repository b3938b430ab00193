using System.Numerics.Tensors;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>Judges a learned score on a window, by the parts that the fitted model has in memory.</summary>
internal static class CandidateScore
{
    private const int TopK = 20;
    private const int MostUsers = 2000;

    /// <summary>Mean nDCG@20 of at most 2,000 users who purchased in the window, over all products.</summary>
    public static double Ndcg(CutSample cut, LearnedScore score, int threads)
    {
        var model = cut.Model;
        var users = PairSampler.Evenly(cut.Holdout.Users, MostUsers);
        var rates = Enumerable.Range(0, model.Scoped.ProductCount).Select(i => score.ProductRate(model.Signals, i)).ToArray();
        var gains = new double[users.Length];
        Workers.Run(
            users.Length,
            threads,
            () => new Scratch(model, score, rates),
            (scratch, n) => gains[n] = RankingMetrics.NdcgOf(scratch.Top(users[n]), cut.Holdout.Truth.RowColumns(users[n]), TopK));
        return gains.Sum() / gains.Length;
    }

    private sealed class Scratch(FittedModel model, LearnedScore score, float[] rates)
    {
        private readonly PairFeatures _pairs = new(model, score.Layout);
        private readonly float[] _features = new float[score.Layout.Count];
        private readonly float[] _scores = new float[rates.Length];
        private readonly TopItems _top = new(TopK);

        public ReadOnlySpan<(float Score, int Item)> Top(int user)
        {
            _pairs.Compute(user);
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
