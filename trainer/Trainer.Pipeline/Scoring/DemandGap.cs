using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Evaluation.Splits;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// What forecasts of demand bring, and what perfect ones would: the score without product rates, as it is, and told how
/// many users purchase each product in the window, with weights learned on the same windows.
/// </summary>
public static class DemandGap
{
    private const int TopK = 20;
    private const int FewestUsers = 500;
    private const double MostPairs = 5e7;
    private const int EnoughRows = 200_000;

    /// <summary>log(1 + purchasers) of each product in a window.</summary>
    public static float[] Demand(Holdout holdout) =>
        Array.ConvertAll(holdout.Truth.ColumnCounts(), buyers => (float)double.LogP1(buyers));

    /// <summary>Measures nDCG@20; null for a score that is a rule.</summary>
    /// <param name="learned">The score and the windows that it was learned on.</param>
    /// <param name="model">Fitted on the days before the window.</param>
    /// <param name="holdout">The window.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static DemandReport? Measure(LearningResult learned, ScopeModel model, Holdout holdout, RunContext run)
    {
        if (learned.Score.IsRule)
        {
            return null;
        }

        int[] used = [.. Enumerable.Range(0, learned.Score.Layout.Count).Where(k => learned.Score.Weights[k] != 0)];
        var oneOf = Math.Max(1, learned.Splits.Sum(split => split.Buyers.Count) / EnoughRows);
        LearnedScore[] scores =
        [
            learned.Score.Fitted([.. used.Where(k => !IsRate(k))], learned.Splits, run, oneOf),
            learned.Score,
            learned.Score.Fitted([.. used.Append(FeatureLayout.Demand).Order()], learned.Splits, run, oneOf),
        ];
        var most = Math.Clamp(
            (int)(MostPairs / model.Scoped.ProductCount), FewestUsers, CandidateScore.MostUsers);
        var means = Array.ConvertAll(
            CandidateScore.Ndcg(model, holdout, scores, TopK, most, run), users => users.Average());
        return new DemandReport(means[0], means[1], means[2]);
    }

    private static bool IsRate(int place) => (place >= FeatureLayout.Rates && place < FeatureLayout.Repeat)
        || place == FeatureLayout.Season || place == FeatureLayout.SeasonChange;
}
