using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Evaluation.Splits;
using Trainer.Models.Regression;

namespace Trainer.Evaluation.Calibration;

/// <summary>
/// From scores to probabilities, fitted on a window of <see cref="TemporalSplits.LearningWindow"/> days that the score
/// has not seen: isotonic with 2,000 purchases or more, else two parameters (Platt's method with the score's own link),
/// else none.
/// </summary>
public static class Calibrator
{
    /// <summary>Purchases that an isotonic fit needs.</summary>
    public const int IsotonicPurchases = 2000;

    private const int LeastPurchases = 50;
    private const int PlattKnots = 200;

    /// <summary>Fits on pairs in any order.</summary>
    public static CalibrationTerms Fit(IEnumerable<ScoredLabel> pairs, RunContext run)
    {
        var sorted = pairs.OrderBy(pair => pair.Score).ThenBy(pair => pair.Label).ThenBy(pair => pair.Weight).ToArray();
        var positives = sorted.Count(pair => pair.Label);
        return positives >= IsotonicPurchases
            ? IsotonicFit.Fit(sorted)
            : positives >= LeastPurchases ? Platt(sorted, run) : CalibrationTerms.None;
    }

    /// <summary>
    /// The same for a horizon of other days: 1 - (1 - p)^((N / 30)^g), a process whose expected purchases grow as N^g.
    /// It grows with N for every score.
    /// </summary>
    public static CalibrationTerms ForHorizon(CalibrationTerms terms, int days, double growth)
    {
        var factor = Math.Pow((double)days / TemporalSplits.LearningWindow, growth);
        var scaled = terms.Probabilities.Select(p => -double.ExpM1(factor * double.LogP1(-Math.Min(p, 1 - 1e-12))));
        return terms with { Probabilities = [.. scaled] };
    }

    private static CalibrationTerms Platt(ScoredLabel[] sorted, RunContext run)
    {
        var sample = new PairSample(1);
        foreach (var pair in sorted)
        {
            sample.Add([pair.Score], pair.Label, pair.Weight);
        }

        var (weights, constant) = BinaryRegression.Fit(sample, Link.ComplementaryLogLog, 0, [0], run);
        if (!(weights[0] > 0))
        {
            return CalibrationTerms.None;
        }

        var (low, high) = (sorted[0].Score, sorted[^1].Score);
        var scores = Enumerable.Range(0, PlattKnots).Select(k => low + ((high - low) * k / (PlattKnots - 1)))
            .Distinct().Order().ToArray();
        return new CalibrationTerms
        {
            Method = "platt",
            Scores = scores,
            Probabilities = [.. scores.Select(score => -double.ExpM1(-Math.Exp((weights[0] * score) + constant)))],
        };
    }
}
