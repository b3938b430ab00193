using Engine.Model;
using Engine.Model.Manifest;
using Engine.Model.Writing;
using Trainer.Data;
using Trainer.Judging;
using Trainer.Models;
using Trainer.Sources;

namespace Trainer.Training;

/// <summary>
/// From two tables to a published snapshot. With T = date(L) and N the horizon: the score is learned on windows that end by
/// T-N, each from what lies before it, and judged on (T-N, T] with everything refitted on what lies before that. The snapshot
/// takes the score learned on windows that end by T-30, its probabilities from (T-30, T], and everything else from all data.
/// Where a window holds purchasers enough that a fit is dear, each fit goes on from the products of the one before it in time.
/// What an interrupted training has of its factors lies in CHECKPOINTS in the workspace's folder until a snapshot is published:
/// the same command goes on from there and ends with the same bytes.
/// </summary>
public static class TrainingPipeline
{
    // A snapshot's rows hold the product's and the user's rate beside the factors.
    private const int SnapshotColumns = 2;
    private const double CheckpointShare = 0.05;

    /// <summary>Reads the data that <see cref="Run(Dataset, TrainOptions, IProgressReporter, CancellationToken, Snapshot)"/> trains on.</summary>
    /// <exception cref="InputException">What <see cref="DatasetReader"/> or a setting refuses.</exception>
    public static Dataset Read(TrainOptions options, IProgressReporter progress, CancellationToken cancel)
    {
        options.Validate();
        using var opened = OpenedDataset.Open(options.Dataset, progress, cancel);
        return DatasetReader.Read(opened.Definition, progress, cancel, options.AllowRejected);
    }

    /// <summary>Reads, trains and publishes. Nothing is published when anything fails.</summary>
    /// <returns>The snapshot's id and the report.</returns>
    /// <exception cref="InputException">What <see cref="DatasetReader"/> or a setting refuses.</exception>
    public static (string Id, TrainingReport Report) Run(TrainOptions options, IProgressReporter progress, CancellationToken cancel) =>
        Run(Read(options, progress, cancel), options, progress, cancel);

    /// <summary>Trains on data that are read, and publishes.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Where progress goes.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <param name="previous">
    /// A snapshot whose products' factors the final fit goes on from, when they have as many dimensions. The judged fits always
    /// start anew: the previous model has seen the days that they are judged on.
    /// </param>
    /// <returns>The snapshot's id and the report.</returns>
    /// <exception cref="InputException">Fewer than 10 products, or a setting that is refused.</exception>
    public static (string Id, TrainingReport Report) Run(
        Dataset dataset, TrainOptions options, IProgressReporter progress, CancellationToken cancel, Snapshot? previous = null)
    {
        options.Validate();
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        var final = Scope.Of(dataset, options.Horizon);
        FactorMatrix.CheckSize(final.UserCount, options.Als.Factors, "users", SnapshotColumns);
        FactorMatrix.CheckSize(final.ProductCount, options.Als.Factors, "products", SnapshotColumns);
        var warnings = new List<string>(dataset.Report.Warnings);
        var checkpoints = new AlsCheckpoints(Path.Combine(directory.Path, "CHECKPOINTS"), CheckpointShare);
        var learner = new ScoreLearner(dataset, options, progress, cancel, checkpoints);
        var growth = HorizonGrowth.Estimate(dataset);
        var (judgement, judged) = Judge(dataset, options.Horizon, learner, options, growth, checkpoints, progress, cancel);
        var (score, candidates) = learner.Learn(dataset.LastBehaviorDay.AddDays(-TimeCuts.LearningWindow));
        Warn(score, candidates, judgement, options, warnings);
        var calibrated = options.Horizon == TimeCuts.LearningWindow
            ? judgement
            : Judge(dataset, TimeCuts.LearningWindow, learner, options, growth, checkpoints, progress, cancel).Judgement;
        var calibration = Calibrator.ForHorizon(calibrated?.Calibration ?? CalibrationTerms.None, options.Horizon, growth);
        var start = previous is not null ? WarmStart.Items(previous, final, options.Als) : judged is not null ? WarmStart.Items(judged, final, options.Als) : null;
        var finalOptions = WarmStart.Options(options, start);
        judged = null;
        var model = FittedModel.Fit(final, finalOptions, score.Supervised, "fit on all data", progress, cancel, new AlsStart(start, checkpoints), related: true);
        var rows = candidates.Select(candidate => new CandidateRow(candidate.Name, candidate.Ndcg, candidate.Name == score.Name)).ToArray();
        var report = ReportBuilder.Build(
            model, judgement, rows, FeatureEffects.Of(score, learner.Cuts(dataset.LastBehaviorDay.AddDays(-TimeCuts.LearningWindow))), warnings);
        var (content, _) = SnapshotAssembler.Assemble(model, score, finalOptions, report);
        content = judgement?.Reranker is { Wins: true }
            ? RerankLearner.With(content, RerankLearner.Learn(score, learner.Cuts(dataset.LastBehaviorDay.AddDays(-TimeCuts.LearningWindow)), options, cancel))
            : content;
        content = UserOrder.ByNorm(content with { Manifest = content.Manifest with { Calibration = calibration } });
        progress.Report("spread of scores", 0, 1);
        using (var sketched = new TemporaryModel(content))
        {
            content = content with { ProductQuantiles = ScoreSketch.Compute(sketched.Model, options.Threads) };
        }

        progress.Report("spread of scores", 1, 1);
        var id = directory.Publish(content);
        checkpoints.Clear();
        return (id, report);
    }

    private static void Warn(
        LearnedScore score, CandidateResult[] candidates, Judgement? judgement, TrainOptions options, List<string> warnings)
    {
        if (candidates.Length == 0)
        {
            warnings.Add($"the last {2 * TimeCuts.LearningWindow} days and what lies before them hold too few purchases to learn the score from: products are ranked by how often the user purchased them, then by how they sell");
        }
        else if (score.Name == candidates[0].Name)
        {
            warnings.Add($"no model beats the {score.Name} baseline on the learning windows: the baseline is served");
        }

        if (judgement is null)
        {
            warnings.Add($"the last {options.Horizon} days hold too few purchases of known users to judge the model on");
            return;
        }

        if (judgement.Reranker is { Wins: false } verdict)
        {
            warnings.Add($"the re-ranker does not beat the served score beyond chance on the held-out window (nDCG@10 {verdict.Reranked:F4} against {verdict.Served:F4}): none is kept");
        }

        var ranked = judgement.Rankings.First(row => row.Segment == "all").Users;
        if (ranked < judgement.Facts.Users)
        {
            warnings.Add($"lists were judged for {ranked} of the {judgement.Facts.Users} users who purchased in the last {options.Horizon} days, evenly drawn");
        }

        var metrics = judgement.Metrics();
        warnings.AddRange(
            from baseline in metrics
            where HoldoutEvaluation.Baselines.Contains(baseline.Model) && baseline.RecallAt20 >= metrics[0].RecallAt20
            select $"the served score does not beat {baseline.Model}: Recall@20 {metrics[0].RecallAt20:F4} against {baseline.RecallAt20:F4}");
    }

    // The model is for the next fit to go on from; null where starting from chance costs little.
    private static (Judgement? Judgement, FittedModel? Model) Judge(
        Dataset dataset,
        int window,
        ScoreLearner learner,
        TrainOptions options,
        double growth,
        AlsCheckpoints checkpoints,
        IProgressReporter progress,
        CancellationToken cancel)
    {
        if (TimeCuts.TryAt(dataset, dataset.LastBehaviorDay.AddDays(-window), window) is not { } cut)
        {
            return (null, null);
        }

        var (score, _) = learner.Learn(cut.Scoped.Scope.End);
        var cuts = learner.Cuts(cut.Scoped.Scope.End);
        var start = cuts.Count > 0 && cuts[0].Holdout.IsEnough ? WarmStart.Items(cuts[0].Model, cut.Scoped, options.Als) : null;
        options = WarmStart.Options(options, start);
        var model = FittedModel.Fit(
            cut.Scoped, options, score.Supervised, $"fit to judge on the last {window} days", progress, cancel, new AlsStart(start, checkpoints));
        progress.Report($"judge on the last {window} days", 0, 1);
        var reranker = options.Rerank && cuts.Count > 0 ? RerankLearner.Learn(score, cuts, options, cancel) : null;
        var judgement = HoldoutEvaluation.Evaluate(model, score, cut.Holdout, options, growth, reranker);
        progress.Report($"judge on the last {window} days", 1, 1);
        return (judgement, cut.Holdout.IsEnough ? model : null);
    }
}
