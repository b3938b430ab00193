using Engine;
using Engine.Scoring.Checking;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Data.Sources;
using Trainer.Evaluation.Calibration;
using Trainer.Evaluation.Splits;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Evaluation;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Orders;
using Trainer.Pipeline.Publishing;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline;

/// <summary>
/// From two tables to a published snapshot. With T = date(L) and N the horizon:
/// 1. evaluate: the score is learned on windows that end by T-N, everything is fitted on the days to T-N, and (T-N, T]
/// measures it;
/// 2. learn: the weights of the score that is published are learned on windows that end by T, or by T-30 where one
/// window is enough;
/// 3. calibrate: its probabilities come from (T-30, T];
/// 4. fit: everything else comes from all data;
/// 5. learn when users order again, judged on (T-N, T]; assemble, publish.
/// A window is predicted from the days before it alone. When a window holds many purchasers, so that fits are
/// expensive, each fit is warm-started from the products of the one before it in time. Factors of an interrupted
/// training are in CHECKPOINTS in the workspace's folder until a snapshot is published: the same command resumes and
/// publishes the same bytes.
/// </summary>
public static class TrainingPipeline
{
    // A snapshot's rows hold the product's and the user's rate beside the factors.
    private const int SnapshotColumns = 2;
    private const double CheckpointShare = 0.05;

    /// <summary>Reads the data that <see cref="Run(Dataset, TrainOptions, RunContext, Snapshot)"/> trains on.</summary>
    /// <exception cref="InputException">The data or a setting is rejected.</exception>
    public static Dataset Read(TrainOptions options, RunContext run)
    {
        options.Validate();
        using var opened = OpenedDataset.Open(options.Dataset, run.Progress, run.Cancel);
        var forgotten = ForgottenUsers.Read(Path.Combine(options.Out, options.Workspace));
        return DatasetReader.Read(
            opened.Definition,
            run.Progress,
            run.Cancel,
            options.AllowRejected,
            forgotten,
            check: size => TrainingMemory.Require(size, options.Als.Factors, run.Memory));
    }

    /// <summary>Reads, trains and publishes. A failed training publishes nothing.</summary>
    /// <returns>The snapshot's id and the report.</returns>
    /// <exception cref="InputException">The data or a setting is rejected.</exception>
    public static (string Id, TrainingReport Report) Run(TrainOptions options, RunContext run) =>
        Run(Read(options, run), options, run);

    /// <summary>Trains on data in memory, and publishes.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="options">Settings.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <param name="previous">
    /// A snapshot whose product factors warm-start the final fit, when they have as many dimensions. Fits that are
    /// evaluated never start from it: the previous model has seen the days that evaluate them.
    /// </param>
    /// <returns>The snapshot's id and the report.</returns>
    /// <exception cref="InputException">Fewer than 10 products, or a setting that is rejected.</exception>
    public static (string Id, TrainingReport Report) Run(
        Dataset dataset, TrainOptions options, RunContext run, Snapshot? previous = null)
    {
        options.Validate();
        run.Validate();
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        CheckSizes(dataset, options, run);
        var checkpoints = new AlsCheckpoints(Path.Combine(directory.Path, "CHECKPOINTS"), CheckpointShare);
        var learner = new ScoreLearner(dataset, options, run, checkpoints);
        var growth = HorizonGrowth.Estimate(dataset, run);
        var holdout = new HoldoutStage(dataset, options, learner, growth, checkpoints, run);

        var (evaluation, evaluated) = holdout.Evaluate(options.Horizon);
        var calibration = Calibrate(holdout, evaluation, options.Horizon, growth);
        var learned = learner.LearnLatest();
        var content = Final(dataset, evaluation, evaluated, learned, options, growth, previous, checkpoints, run);
        content = content with { Manifest = content.Manifest with { Calibration = calibration } };
        var id = directory.Publish(Complete(content, evaluation, learned, options, run));
        checkpoints.Clear();
        return (id, content.Report);
    }

    private static void CheckSizes(Dataset dataset, TrainOptions options, RunContext run)
    {
        var scoped = Scope.Of(dataset, options.Horizon, run);
        FactorMatrix.CheckSize(scoped.UserCount, options.Als.Factors, "users", SnapshotColumns);
        FactorMatrix.CheckSize(scoped.ProductCount, options.Als.Factors, "products", SnapshotColumns);
    }

    // The content of the snapshot, fitted on all data. The scope and the fitted parts are gone when it returns.
    private static SnapshotContent Final(
        Dataset dataset,
        HoldoutResult? evaluation,
        ScopeModel? evaluated,
        LearningResult learned,
        TrainOptions options,
        double growth,
        Snapshot? previous,
        AlsCheckpoints checkpoints,
        RunContext run)
    {
        var scoped = Scope.Of(dataset, options.Horizon, run);
        var lost = TrainingWarnings.Since(previous, scoped).ToArray();
        var next = NextOrders(dataset, scoped, options.Horizon, growth, run);
        var start = WarmStart.Items(previous, evaluated, scoped, options.Als);
        options = WarmStart.Options(options, start);
        var model = Fit(scoped, learned.Score, options, new AlsStart(start, checkpoints), run).WithoutProfiles();
        var warnings = TrainingWarnings.Of(dataset, learned, evaluation, options);
        warnings.AddRange(lost);
        var report = ReportBuilder.Build(model, evaluation, learned, warnings);
        ReleasedMemory.Collect(scoped.EventCount);
        var (content, order) = SnapshotAssembler.Assemble(model, learned.Score, options, report, run);
        content = content with { OutOfScope = OutOfScopeBehavior.Of(scoped, order) };
        content = ColdProducts.Add(content, scoped, order, options.Als.Seed, run);
        return next is null ? content : content with
        {
            NextOrder = next.Terms,
            ProductTiming = [.. order.SelectMany(product => new[] { next.Intervals[product], next.Factors[product] })],
        };
    }

    // From the last 30 days, stretched to the horizon; none when they hold too few purchases.
    private static CalibrationTerms Calibrate(
        HoldoutStage holdout, HoldoutResult? evaluation, int horizon, double growth)
    {
        var calibrated = horizon == TemporalSplits.LearningWindow
            ? evaluation
            : holdout.Evaluate(TemporalSplits.LearningWindow).Result;
        return Calibrator.ForHorizon(calibrated?.Calibration ?? CalibrationTerms.None, horizon, growth);
    }

    private static ScopeModel Fit(
        ScopedDataset scoped, LearnedScore score, TrainOptions options, AlsStart start, RunContext run) =>
        ScopeModel.Fit(scoped, options, score.Supervised, "fit on all data", run, start, related: true);

    private static NextOrderFit? NextOrders(
        Dataset dataset, ScopedDataset scoped, int horizon, double growth, RunContext run)
    {
        run.Progress.Report("next orders", 0, 2);
        var evaluation = NextOrderEvaluation.Evaluate(dataset, horizon, growth, run);
        run.Progress.Report("next orders", 1, 2);
        var fit = new NextOrderLearner(dataset, run).Learn(scoped);
        run.Progress.Report("next orders", 2, 2);
        return fit is null ? null : fit with { Terms = fit.Terms with { Evaluation = evaluation } };
    }

    // What needs a whole snapshot: the re-ranker, the order of users, the quantiles of scores, the known answers.
    private static SnapshotContent Complete(
        SnapshotContent content,
        HoldoutResult? evaluation,
        LearningResult learned,
        TrainOptions options,
        RunContext run)
    {
        if (evaluation?.Reranker is { Wins: true })
        {
            content = RerankLearner.With(content, RerankLearner.Learn(learned.Score, learned.Splits, options, run));
        }

        ReleasedMemory.Collect(content.History.Products.Length);
        content = UserOrder.ByNorm(content);
        run.Progress.Report("distribution of scores", 0, 1);
        using var sampled = ScoreSketch.Sample(content);
        content = content with
        {
            ProductQuantiles = ScoreSketch.Compute(sampled.Model, run),
            Known = KnownAnswerMaker.Of(sampled.Model, sampled.Users),
        };
        run.Progress.Report("distribution of scores", 1, 1);
        return content;
    }
}
