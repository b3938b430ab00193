using Engine.Kernels;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Tuning;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Fits and evaluates candidates within a budget. Candidates are planned without a clock, so the same data, seed and
/// budget try the same ones; the clock only stops a search that is slower than planned, and the log then says so.
/// </summary>
/// <param name="split">What candidates are fitted and evaluated on.</param>
/// <param name="k">Length of the lists.</param>
/// <param name="budget">The time, and the log.</param>
/// <param name="run">Threads, cancellation, clock; no value depends on it.</param>
public sealed class Trial(ValidationSplit split, int k, Budget budget, RunContext run)
{
    private readonly GramCache[] _grams = [.. split.Folds.Select(fold => new GramCache(fold))];
    private double _last;

    /// <summary>What candidates are fitted and evaluated on.</summary>
    public ValidationSplit Split => split;

    /// <summary>What candidates are fitted on.</summary>
    public InteractionMatrix Fit => split.Fit;

    /// <summary>Length of the lists.</summary>
    public int K => k;

    /// <summary>Threads and cancellation of every step.</summary>
    public RunContext Run => run;

    /// <summary>Whether the clock stopped a search early: then another run may choose other settings.</summary>
    public bool CutShort { get; private set; }

    /// <summary>
    /// Whether the share of the budget has room for one more candidate that takes as long as the last, or some times
    /// as long.
    /// </summary>
    /// <param name="share">0..1 of the budget, counted from the start.</param>
    /// <param name="times">How many times as long.</param>
    public bool MayContinue(double share, double times = 1)
    {
        var hasRoom = budget.HasRoom(share, times * _last);
        CutShort |= !hasRoom;
        return hasRoom;
    }

    /// <summary>Fits a part, evaluates it by nDCG@K on the held-out items, and logs the result.</summary>
    public (FittedPart Part, double Value) Evaluate(ModelPart settings)
    {
        var start = budget.Elapsed;
        var part = FittedPart.Fit(split, settings, _grams, run);
        var metrics =
            ListMetrics.Mean(ListMetrics.Of(Ranking.Compute(part.Scorer, Fit, split.Users, k, run), split.Held, k));
        _last = budget.Elapsed - start;
        Say($"{settings.Name}: nDCG@{k} {metrics.Ndcg:F4} Recall@{k} {metrics.Recall:F4}");
        return (part, metrics.Ndcg);
    }

    /// <summary>Logs a line.</summary>
    public void Say(InvariantText line) => budget.Say(line);
}
