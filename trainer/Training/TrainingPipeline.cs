using Engine.Model;
using Engine.Model.Manifest;
using Trainer.Data;

namespace Trainer.Training;

/// <summary>
/// From two tables to a published snapshot. With T = date(L) and N the horizon: the weights of the score are learned on
/// (T-2N, T-N] from what lies before it, judged on (T-N, T] with everything refitted on what lies before that, and the
/// snapshot is fitted on everything up to T.
/// </summary>
public static class TrainingPipeline
{
    /// <summary>Fewer held-out users than this say nothing.</summary>
    private const int MinimumHoldoutUsers = 20;

    /// <summary>Trains and publishes. Nothing is published when anything fails.</summary>
    /// <returns>The snapshot's id and the report.</returns>
    /// <exception cref="InputException">What <see cref="DatasetReader"/> or a setting refuses.</exception>
    public static (string Id, TrainingReport Report) Run(TrainOptions options, IProgressReporter progress, CancellationToken cancel)
    {
        options.Validate();
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        var dataset = DatasetReader.Read(DatasetFile.Read(options.Dataset), progress, cancel);
        var final = Scope.Of(dataset, options.Horizon);
        var warnings = new List<string>(dataset.Report.Warnings);
        var weights = LearnWeights(dataset, options, warnings, progress, cancel);
        var (metrics, holdout) = Judge(dataset, weights, options, warnings, progress, cancel);
        var model = FittedModel.Fit(final, options, "fit on all data", progress, cancel);
        var report = ReportBuilder.Build(model, metrics, holdout, warnings);
        var (content, _) = SnapshotAssembler.Assemble(model, weights, options, report);
        return (directory.Publish(content), report);
    }

    private static ScoreWeights LearnWeights(
        Dataset dataset, TrainOptions options, List<string> warnings, IProgressReporter progress, CancellationToken cancel)
    {
        if (TryCut(dataset, options, 2) is not { } cut)
        {
            warnings.Add($"the {2 * options.Horizon} days before the last one hold too few purchases of known users to learn the score's weights: the default ones are used");
            return ScoreWeights.Default;
        }

        var model = FittedModel.Fit(cut.Scoped, options, "fit to learn the score's weights", progress, cancel);
        progress.Report("learn the score's weights", 0, 1);
        var weights = BlendSearch.Find(model, cut.Holdout, options.Threads);
        progress.Report("learn the score's weights", 1, 1);
        return weights;
    }

    private static (ModelMetrics[] Metrics, HoldoutFacts? Facts) Judge(
        Dataset dataset,
        ScoreWeights weights,
        TrainOptions options,
        List<string> warnings,
        IProgressReporter progress,
        CancellationToken cancel)
    {
        if (TryCut(dataset, options, 1) is not { } cut)
        {
            warnings.Add($"the last {options.Horizon} days hold too few purchases of known users to judge the model on");
            return ([], null);
        }

        var model = FittedModel.Fit(cut.Scoped, options, "fit to judge on the last days", progress, cancel);
        progress.Report("judge", 0, 1);
        var metrics = HoldoutEvaluation.Evaluate(model, weights, cut.Holdout, options);
        progress.Report("judge", 1, 1);
        var served = metrics[0];
        foreach (var baseline in metrics.Where(row => HoldoutEvaluation.Baselines.Contains(row.Model) && row.RecallAt20 >= served.RecallAt20))
        {
            warnings.Add($"the served score does not beat {baseline.Model}: Recall@20 {served.RecallAt20:F4} against {baseline.RecallAt20:F4}");
        }

        return (metrics, new HoldoutFacts(
            cut.Holdout.FirstDay.ToString("yyyy-MM-dd"),
            cut.Holdout.LastDay.ToString("yyyy-MM-dd"),
            cut.Holdout.Users.Length,
            cut.Holdout.Truth.Count));
    }

    /// <summary>The scope that ends <paramref name="windows"/> horizons before the last day, and the window after it.</summary>
    private static (ScopedDataset Scoped, Holdout Holdout)? TryCut(Dataset dataset, TrainOptions options, int windows)
    {
        var day = dataset.LastBehaviorDay.AddDays(-windows * options.Horizon);
        if (!HasProducts(dataset, day, options.Horizon))
        {
            return null;
        }

        var scoped = Scope.At(dataset, day, options.Horizon);
        var holdout = Holdout.After(scoped);
        return holdout.Users.Length >= MinimumHoldoutUsers ? (scoped, holdout) : null;
    }

    private static bool HasProducts(Dataset dataset, DateOnly day, int horizon)
    {
        var scope = Scope.Ending(day, horizon);
        var products = new HashSet<int>();
        for (var i = 0L; i < dataset.Behaviors.Count && products.Count < FittedModel.MinimumProducts; i++)
        {
            var behavior = dataset.Behaviors[i];
            if (behavior is { Type: BehaviorType.Purchase, Count: > 0 } && scope.Contains(BehaviorLog.Date(behavior.Day)))
            {
                products.Add(behavior.Product);
            }
        }

        return products.Count >= FittedModel.MinimumProducts;
    }
}
