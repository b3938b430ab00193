using System.Diagnostics;
using System.Globalization;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Where candidates are fitted and judged, and the clock of the budget. Candidates are planned without a clock, so the same
/// data, seed and budget try the same ones; the clock only stops a search that is slower than planned, and says so.
/// </summary>
public sealed class Trial
{
    private readonly TimeSpan _budget;
    private readonly TextWriter _output;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly GramCache[] _grams;
    private readonly CancellationToken _cancellation;
    private TimeSpan _last;

    /// <param name="split">What is fitted on and judged on.</param>
    /// <param name="k">Length of the judged lists.</param>
    /// <param name="threads">Threads; they change no value.</param>
    /// <param name="budget">Time for everything, the final fit included.</param>
    /// <param name="output">Progress lines.</param>
    /// <param name="cancellation">Stops within a fit.</param>
    public Trial(ValidationSplit split, int k, int threads, TimeSpan budget, TextWriter output, CancellationToken cancellation)
    {
        (Split, K, Threads, _budget, _output, _cancellation) = (split, k, threads, budget, output, cancellation);
        _grams = [.. split.Folds.Select(fold => new GramCache(fold))];
    }

    /// <summary>What is fitted on and judged on.</summary>
    public ValidationSplit Split { get; }

    /// <summary>What candidates are fitted on.</summary>
    public InteractionMatrix Fit => Split.Fit;

    /// <summary>Length of the judged lists.</summary>
    public int K { get; }

    /// <summary>Threads of every step.</summary>
    public int Threads { get; }

    /// <summary>Whether a search was cut short by the clock: then another run may choose otherwise.</summary>
    public bool CutShort { get; private set; }

    /// <summary>Seconds since the start.</summary>
    public double Elapsed => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Whether one more candidate may be tried: after one that takes as long as the last, its share is not used up.</summary>
    /// <param name="share">0..1 of the budget, counted from the start of the trial.</param>
    public bool MayContinue(double share)
    {
        var on = Elapsed + _last.TotalSeconds < _budget.TotalSeconds * share;
        CutShort |= !on;
        return on;
    }

    /// <summary>Fits a part, judges it by nDCG@K on the held-out part, and says so.</summary>
    public (FittedPart Part, double Value) Judge(ModelPart settings)
    {
        var start = Stopwatch.GetTimestamp();
        var part = FittedPart.Fit(Split, settings, _grams, _cancellation);
        var ranking = Ranking.Compute(part.Scorer, Fit, Split.Users, K, Threads, _cancellation);
        var metrics = RankingMetrics.Compute(ranking, Split.Held, K);
        _last = Stopwatch.GetElapsedTime(start);
        Say($"{settings.Name}: nDCG@{K} {metrics.Ndcg:F4} Recall@{K} {metrics.Recall:F4}");
        return (part, metrics.Ndcg);
    }

    /// <summary>Writes a line with the time since the start.</summary>
    public void Say(FormattableString line) => _output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"[{Elapsed,7:F1} s] ") + line.ToString(CultureInfo.InvariantCulture));
}
