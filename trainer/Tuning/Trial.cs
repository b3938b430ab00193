using System.Diagnostics;
using System.Globalization;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>
/// Where candidates are fitted and judged, and the clock of the budget. Candidates are planned without a clock, so the same
/// data, seed and budget try the same ones; the clock only stops a search that is slower than planned, and says so.
/// </summary>
public sealed class Trial(ValidationSplit split, int k, int threads, TimeSpan budget, TextWriter output)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>What candidates are fitted on.</summary>
    public InteractionMatrix Fit => split.Fit;

    /// <summary>Threads of every step.</summary>
    public int Threads => threads;

    /// <summary>Whether a search was cut short by the clock: then another run may choose otherwise.</summary>
    public bool CutShort { get; private set; }

    /// <summary>Whether a search may go on: its share of the budget is not used up.</summary>
    /// <param name="share">0..1, counted from the start of the trial.</param>
    public bool MayContinue(double share)
    {
        var on = Stopwatch.GetElapsedTime(_start) < budget * share;
        CutShort |= !on;
        return on;
    }

    /// <summary>nDCG@K on the held-out part, and a line about it.</summary>
    public double Judge(FittedModel model, string name)
    {
        var ranking = Ranking.Compute(model.Scorer, split.Fit, split.Users, k, threads);
        var metrics = RankingMetrics.Compute(ranking, split.Held, k);
        Say($"{name}: nDCG@{k} {metrics.Ndcg:F4} Recall@{k} {metrics.Recall:F4}");
        return metrics.Ndcg;
    }

    /// <summary>nDCG@K of sum + weight part, for each weight.</summary>
    public double[] JudgeWeights(FittedModel sum, FittedModel part, double[] weights) =>
        WeightJudge.Run(sum.Scorer, part.Scorer, weights, split, k, threads);

    /// <summary>The mean best score: how large a model's scores are where it matters.</summary>
    public double Scale(FittedModel model)
    {
        var ranking = Ranking.Compute(model.Scorer, split.Fit, split.Users, k, threads);
        double sum = 0;
        foreach (var score in ranking.Scores)
        {
            sum += Math.Abs(score);
        }

        return Math.Max(sum / Math.Max(1, ranking.Scores.Length), 1e-30);
    }

    /// <summary>Writes a line with the time since the start.</summary>
    public void Say(FormattableString line) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(_start).TotalSeconds,7:F1} s] ")
        + line.ToString(CultureInfo.InvariantCulture));
}
