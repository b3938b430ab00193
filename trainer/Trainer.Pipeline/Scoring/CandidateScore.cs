using System.Numerics.Tensors;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Scoring;

/// <summary>Evaluates learned scores on a window, from the parts of a fitted model in memory.</summary>
public static class CandidateScore
{
    /// <summary>As many users as a choice between scores needs.</summary>
    public const int MostUsers = 2000;

    /// <summary>
    /// nDCG@K of each score for each of some users who purchased in the window, over all products.
    /// </summary>
    /// <param name="model">Fitted on the days before the window.</param>
    /// <param name="holdout">The window.</param>
    /// <param name="scores">Of one layout.</param>
    /// <param name="k">K.</param>
    /// <param name="most">The most users, evenly drawn.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <returns>By score, then by user.</returns>
    public static double[][] Ndcg(
        ScopeModel model, Holdout holdout, LearnedScore[] scores, int k, int most, RunContext run)
    {
        var users = PairSampler.Evenly(holdout.Users, most);
        var demand = DemandGap.Demand(holdout);
        var competitors = Array.ConvertAll(
            scores, score => (Score: score, Rates: Rates(score, model, demand), Gains: new double[users.Length]));
        Workers.Run(
            users.Length,
            run,
            () => new Scratch(model, scores[0].Layout, demand, k),
            (scratch, n) =>
            {
                scratch.Turn(users[n]);
                foreach (var (score, rates, gains) in competitors)
                {
                    gains[n] = ListMetrics.Of(scratch.Top(score, rates), holdout.Truth.RowColumns(users[n]), k).Ndcg;
                }
            });
        return Array.ConvertAll(competitors, competitor => competitor.Gains);
    }

    private static float[] Rates(LearnedScore score, ScopeModel model, float[] demand) =>
        [.. Enumerable
            .Range(0, model.Scoped.ProductCount)
            .Select(product => score.ProductRate(model.Signals, product)
                + ((float)score.Weights[FeatureLayout.Demand] * demand[product]))];

    private sealed class Scratch(ScopeModel model, FeatureLayout layout, float[] demand, int k)
    {
        private readonly PairFeatures _pairs = new(model, layout, demand);
        private readonly float[] _features = new float[layout.Count];
        private readonly float[] _scores = new float[model.Scoped.ProductCount];
        private readonly TopItems _top = new(k);
        private readonly int[] _items = new int[k];

        public void Turn(int user) => _pairs.Compute(user);

        public ReadOnlySpan<int> Top(LearnedScore score, float[] rates)
        {
            TensorPrimitives.MultiplyAdd(_pairs.Factors, score.FactorWeight, rates, _scores);
            TensorPrimitives.MultiplyAdd(_pairs.Similarity, score.SimilarityWeight, _scores, _scores);
            foreach (var product in _pairs.History)
            {
                _pairs.Write(product, _features);
                _scores[product] = (float)score.Pair(_features);
            }

            var found = _top.Select(_scores);
            for (var place = 0; place < found.Length; place++)
            {
                _items[place] = found[place].Item;
            }

            return _items.AsSpan(0, found.Length);
        }
    }
}
