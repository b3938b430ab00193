using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Evaluation.Calibration;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// Fits the calibration and evaluates it: the probabilities of each half of the users come from a calibration fitted on
/// the other half, the calibration that is kept from all of them.
/// </summary>
public static class ProbabilityEvaluator
{
    private const int Bins = 20;
    private const int LargeProduct = 100;

    /// <summary>
    /// The calibration for windows as long as the evaluated one, and the cross-fitted report; null when there is none.
    /// </summary>
    public static (CalibrationTerms Terms, ProbabilityReport? Report) Evaluate(
        WindowScores window, double growth, RunContext run)
    {
        var (even, odd) = window.Sample();
        var terms = Calibrator.Fit([.. even, .. odd], run);
        var (forEven, forOdd) = (Calibrator.Fit(odd, run), Calibrator.Fit(even, run));
        if (terms.Scores.Length == 0 || forEven.Scores.Length == 0 || forOdd.Scores.Length == 0)
        {
            return (terms, null);
        }

        var predicted = Predict(even, forEven).Concat(Predict(odd, forOdd)).OrderBy(pair => pair.P)
            .ThenBy(pair => pair.Label).ToArray();
        var weight = predicted.Sum(pair => pair.Weight);
        var purchases = predicted.Sum(pair => pair.Label ? pair.Weight : 0);
        var baseRate = purchases / weight;
        var bins = Reliability(predicted, weight);
        var (large, within, limit) = LargeProducts(window, forEven, forOdd);
        return (terms, new ProbabilityReport(
            terms.Method,
            (long)purchases,
            growth,
            baseRate,
            predicted.Sum(pair => pair.Weight * LogLoss(pair.P, pair.Label)) / weight,
            -(baseRate * Math.Log(baseRate)) - ((1 - baseRate) * Math.Log(1 - baseRate)),
            predicted.Sum(pair => pair.Weight * Math.Pow(pair.P - (pair.Label ? 1 : 0), 2)) / weight,
            bins.Average(bin => Math.Abs(bin.Predicted - bin.Observed)),
            bins.Average(bin => Math.Abs(bin.Predicted - bin.Observed)) / baseRate,
            bins,
            large,
            within,
            limit,
            predicted.Sum(pair => pair.Weight * pair.P) / purchases));
    }

    private static IEnumerable<(double P, bool Label, double Weight)> Predict(
        ScoredLabel[] pairs, CalibrationTerms terms) =>
        pairs.Select(pair => (terms.Probability(pair.Score)!.Value, pair.Label, (double)pair.Weight));

    private static double LogLoss(double p, bool label) =>
        -Math.Log(Math.Max(label ? p : 1 - p, 1e-12));

    private static ReliabilityBin[] Reliability((double P, bool Label, double Weight)[] sorted, double total)
    {
        var sums = new (double P, double Label, double Weight)[Bins];
        var before = 0.0;
        foreach (var (p, label, weight) in sorted)
        {
            ref var bin = ref sums[Math.Min(Bins - 1, (int)(Bins * before / total))];
            bin = (bin.P + (weight * p), bin.Label + (label ? weight : 0), bin.Weight + weight);
            before += weight;
        }

        return [.. sums
            .Where(bin => bin.Weight > 0)
            .Select(bin => new ReliabilityBin(bin.P / bin.Weight, bin.Label / bin.Weight))];
    }

    private static (int Large, double Within, double Limit) LargeProducts(
        WindowScores window, CalibrationTerms even, CalibrationTerms odd)
    {
        var predicted = new double[window.Products];
        window.ForEach(LargeProduct, (product, scores, _) =>
        {
            for (var n = 0; n < scores.Length; n++)
            {
                predicted[product] += (n % 2 == 0 ? even : odd).Probability(scores[n])!.Value;
            }
        });
        int[] large =
            [.. Enumerable.Range(0, window.Products).Where(product => window.Buyers(product) >= LargeProduct)];
        var within = large.Count(
            product => Math.Abs(predicted[product] - window.Buyers(product)) <= 0.1 * window.Buyers(product));
        return (
            large.Length,
            large.Length == 0 ? 0 : (double)within / large.Length,
            PoissonLimit.Within(Array.ConvertAll(large, window.Buyers), LargeProduct, 0.1));
    }
}
