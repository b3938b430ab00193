using System.Globalization;
using Trainer.Data.Progress;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Evaluation.Tuning;
using Trainer.Models.Factors;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Tuning;

/// <summary>
/// Chooses settings inside a time budget: by successive halving, many points with few factors, the better ones with
/// more, until 60 % of the time is gone (10 % for the data, 50 % for the search); then by a grid over the similarity's
/// ridge until 70 %; 5 % are for the last learning of the score and 25 % for the final fits. A
/// trial's value is the nDCG@20 of the score that would be served, learned and evaluated on windows that end 90 days
/// before the data do: no window that a report evaluates is used, and models of all horizons choose alike, so that the
/// same pair has the same score in all of them and its probability grows with the horizon.
/// </summary>
/// <param name="dataset">The data.</param>
/// <param name="options">Where to start; the first point.</param>
/// <param name="budget">Time for everything, the training after the search included; and the log.</param>
/// <param name="journal">What is already done.</param>
/// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
public sealed class AutoTuner(
    Dataset dataset, TrainOptions options, Budget budget, TuningJournal journal, RunContext run)
{
    // After the search come two evaluated fits, the final fit and their splits: about as long as three trials.
    private const double FinalTrials = 3;
    private const double HalvingEnd = 0.6;
    private const double RidgeEnd = 0.7;

    private double _slowest;

    /// <summary>Factors and epochs of the trials of each round, and how many points are tried.</summary>
    public IReadOnlyList<(int Factors, int Epochs, int Points)> Rounds { get; init; } =
        [(32, 6, 20), (64, 12, 6), (128, 12, 2)];

    /// <summary>
    /// The grid over the similarity's ridge: neighbors, and lam as a multiple of the Gram's mean diagonal.
    /// </summary>
    public IReadOnlyList<(int Neighbors, double Regularization)> Ridges { get; init; } =
        [(24, 1), (96, 1), (48, 0.3), (48, 1), (48, 3), (96, 3)];

    private DateOnly LearningDay => dataset.LastBehaviorDay.AddDays(-Scope.MaxHorizon);

    /// <summary>
    /// Everything but the point that a trial depends on, in one line; when it changes, all trials run again.
    /// </summary>
    public static string Question(Dataset dataset, TrainOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"tuning 3: {dataset.Behaviors.Count} behaviors of {dataset.UserIds.Length} users with "
        + $"{dataset.Products.Count} products to {dataset.LastBehaviorTime:O}, seed {options.Als.Seed}");

    /// <summary>Searches; the same trials give the same choice, whenever they were done.</summary>
    /// <returns>The options with the settings of the best trial.</returns>
    public TrainOptions Run()
    {
        SayPlan();
        var points = TuningPoint.Draw(options, Rounds[0].Points);
        (TrainOptions Options, double Value)? best = null;
        foreach (var (factors, epochs, count) in Rounds)
        {
            var ranked = Halving.Round(
                points.Take(count),
                (point, first) =>
                    Value(Trial(point), $"factors {factors} {point}", HalvingEnd, mustRun: first && best is null));
            // A round of more factors replaces the one before it only where it is better.
            best = ranked.Length > 0 && !(best?.Value >= ranked[0].Value)
                ? (Trial(ranked[0].Candidate), ranked[0].Value)
                : best;
            points = [.. ranked.Select(one => one.Candidate)];

            TrainOptions Trial(TuningPoint point)
            {
                var trial = point.Apply(options);
                return trial with { Als = trial.Als with { Factors = factors, Epochs = epochs } };
            }
        }

        // Nothing to learn from is worth 0 to every trial.
        if (best is not { Value: > 0 } chosen)
        {
            budget.Say(
                $"the data more than {Scope.MaxHorizon} days before the end are too little to choose settings on: "
                + $"the settings stay as they are");
            return options;
        }

        chosen = WithRidge(chosen);
        budget.Say(
            $"chosen: factors {chosen.Options.Als.Factors} {TuningPoint.Of(chosen.Options)} "
            + $"neighbors {chosen.Options.Ridge.Neighbors}, nDCG@20 {chosen.Value:F4}");
        return chosen.Options;
    }

    private (TrainOptions Options, double Value) WithRidge((TrainOptions Options, double Value) best)
    {
        var start = best.Options;
        var grid = new RidgeGrid(start, run);
        foreach (var (neighbors, regularization) in Ridges)
        {
            var ridge = start.Ridge with { Neighbors = neighbors, Regularization = regularization };
            if (ridge == start.Ridge)
            {
                continue;
            }

            var trial = start with { Ridge = ridge };
            if (Value(
                trial,
                $"factors {trial.Als.Factors} {TuningPoint.Of(trial)} neighbors {neighbors}",
                RidgeEnd,
                mustRun: false,
                grid) is not { } value)
            {
                break;
            }

            best = value > best.Value ? (trial, value) : best;
        }

        return best;
    }

    private void SayPlan()
    {
        var purchases = Interactions.Purchases(Scope.Of(dataset, options.Horizon, run));
        var windows = TemporalSplits.Learning(dataset, LearningDay, run).Count();
        var costs = Rounds.Select(round =>
            $"{round.Points} x f={round.Factors} "
            + $"{windows * round.Epochs * AlsCost.EpochSeconds(purchases, round.Factors, run.Threads):F0} s");
        budget.Say(
            $"plan: {purchases.RowCount} users, {purchases.ColumnCount} products, {purchases.Count} pairs; "
            + $"trials and the planned time of the factors of each: {string.Join(", ", costs)}; "
            + $"budget {budget.Seconds:F0} s; {journal.Count} trials are done already");
    }

    private double? Value(TrainOptions trial, string name, double share, bool mustRun, RidgeGrid? grid = null)
    {
        if (journal.TryGet(name, out var known))
        {
            return known;
        }

        if (!mustRun && !(budget.HasRoom(share, _slowest) && budget.HasRoom(1, (1 + FinalTrials) * _slowest)))
        {
            return null;
        }

        Func<ScopedDataset, ScopeModel>? fit = grid is null ? null : scoped => grid.Fit(scoped, trial);
        var start = budget.Elapsed;
        var learned =
            new ScoreLearner(dataset, trial, run with { Progress = NoProgress.Instance }, fit: fit).Learn(LearningDay);
        var value = learned.Candidates.Select(candidate => candidate.Ndcg).DefaultIfEmpty().Max();
        journal.Add(name, value);
        var (spent, took) = (budget.Elapsed, budget.Elapsed - start);
        _slowest = Math.Max(_slowest, took);
        var more = Math.Max(
            0, Math.Min((share * budget.Seconds) - spent, budget.Seconds - spent - (FinalTrials * took)) / took);
        budget.Say($"{name}: nDCG@20 {value:F4} in {took:F1} s; room for about {more:F0} more like it");
        return value;
    }
}
