using Engine.Model;
using Engine.Model.Manifest;
using Trainer.Data;
using Trainer.Sources;

namespace Trainer.Training;

/// <summary>
/// From two tables to a published snapshot. With T = date(L) and N the horizon: the score is learned on windows that end by
/// T-N, each from what lies before it, and judged on (T-N, T] with everything refitted on what lies before that. The snapshot
/// takes the score learned on windows that end by T-30, its probabilities from (T-30, T], and everything else from all data.
/// </summary>
public static class TrainingPipeline
{
    /// <summary>Trains and publishes. Nothing is published when anything fails.</summary>
    /// <returns>The snapshot's id and the report.</returns>
    /// <exception cref="InputException">What <see cref="DatasetReader"/> or a setting refuses.</exception>
    public static (string Id, TrainingReport Report) Run(TrainOptions options, IProgressReporter progress, CancellationToken cancel)
    {
        options.Validate();
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        var dataset = Read(options, progress, cancel);
        var final = Scope.Of(dataset, options.Horizon);
        var warnings = new List<string>(dataset.Report.Warnings);
        var learner = new ScoreLearner(dataset, options, progress, cancel);
        var (metrics, holdout) = Judge(dataset, learner, options, warnings, progress, cancel);
        var (score, candidates) = learner.Learn(dataset.LastBehaviorDay.AddDays(-TimeCuts.LearningWindow));
        Warn(score, candidates, warnings);
        var model = FittedModel.Fit(final, options, "fit on all data", progress, cancel);
        var report = ReportBuilder.Build(model, metrics, holdout, warnings);
        var (content, _) = SnapshotAssembler.Assemble(model, score, options, report);
        return (directory.Publish(content), report);
    }

    private static Dataset Read(TrainOptions options, IProgressReporter progress, CancellationToken cancel)
    {
        using var opened = OpenedDataset.Open(options.Dataset, progress, cancel);
        return DatasetReader.Read(opened.Definition, progress, cancel);
    }

    private static void Warn(LearnedScore score, CandidateResult[] candidates, List<string> warnings)
    {
        if (candidates.Length == 0)
        {
            warnings.Add($"the last {2 * TimeCuts.LearningWindow} days and what lies before them hold too few purchases to learn the score from: products are ranked by how often the user purchased them, then by how they sell");
        }
        else if (score.Name == candidates[0].Name)
        {
            warnings.Add($"no model beats the {score.Name} baseline on the learning windows: the baseline is served");
        }
    }

    private static (ModelMetrics[] Metrics, HoldoutFacts? Facts) Judge(
        Dataset dataset,
        ScoreLearner learner,
        TrainOptions options,
        List<string> warnings,
        IProgressReporter progress,
        CancellationToken cancel)
    {
        if (TimeCuts.TryAt(dataset, dataset.LastBehaviorDay.AddDays(-options.Horizon), options.Horizon) is not { } cut)
        {
            warnings.Add($"the last {options.Horizon} days hold too few purchases of known users to judge the model on");
            return ([], null);
        }

        var (score, _) = learner.Learn(cut.Scoped.Scope.End);
        var model = FittedModel.Fit(cut.Scoped, options, "fit to judge on the last days", progress, cancel);
        progress.Report("judge", 0, 1);
        var metrics = HoldoutEvaluation.Evaluate(model, score, cut.Holdout, options);
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
}
