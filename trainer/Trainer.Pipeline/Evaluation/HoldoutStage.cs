using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Evaluation.Splits;
using Trainer.Models.Factors;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Evaluation;

/// <summary>Fits on the days before a window at the end of the data, and measures the model on the window.</summary>
/// <param name="dataset">The data.</param>
/// <param name="options">Settings.</param>
/// <param name="learner">Learns the score on windows before the evaluated one.</param>
/// <param name="growth">How purchases grow with a window's length.</param>
/// <param name="checkpoints">Where an interrupted fit resumes.</param>
/// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
internal sealed class HoldoutStage(
    Dataset dataset,
    TrainOptions options,
    ScoreLearner learner,
    double growth,
    AlsCheckpoints checkpoints,
    RunContext run)
{
    /// <summary>Evaluates on the last days; no result when they, or the days before them, hold too little.</summary>
    /// <returns>
    /// The result, and the model without its users for the next fit to start from; no model where a random start costs
    /// little.
    /// </returns>
    public (HoldoutResult? Result, ScopeModel? Model) Evaluate(int days)
    {
        if (TemporalSplits.TryAt(dataset, dataset.LastBehaviorDay.AddDays(-days), days, run) is not { } split)
        {
            return (null, null);
        }

        var learned = learner.Learn(split.Scoped.Scope.End);
        var start = learned.Splits is [{ Holdout.IsEnough: true } last, ..]
            ? WarmStart.Items(last.Model, split.Scoped, options.Als)
            : null;
        var settings = WarmStart.Options(options, start);
        var halfLife = DecayedRule.ChooseHalfLife(split.Scoped, run);
        ReleasedMemory.Collect(split.Scoped.EventCount);
        var model = ScopeModel.Fit(
            split.Scoped,
            settings,
            learned.Score.Supervised,
            $"fit to evaluate on the last {days} days",
            run,
            new AlsStart(start, checkpoints));
        var stage = $"evaluate on the last {days} days";
        run.Progress.Report(stage, 0, 1);
        var reranker = options.Rerank && learned.Splits.Count > 0
            ? RerankLearner.Learn(learned.Score, learned.Splits, settings, run)
            : null;
        var result = HoldoutEvaluation.Evaluate(
            model, learned.Score, split.Holdout, settings, growth, halfLife, run, reranker) with
        {
            Demand = DemandGap.Measure(learned, model, split.Holdout, run),
        };
        if (days == TemporalSplits.LearningWindow && learner.LearnsLatest)
        {
            // The score that is published has seen the window; its few weights hardly fit it, its parts do not know it.
            ReleasedMemory.Collect(split.Scoped.EventCount);
            learner.Know(model, split.Holdout);
            var published = learner.LearnLatest().Score;
            result = result with
            {
                Calibration =
                    HoldoutEvaluation.Calibrate(model, published, split.Holdout, settings, growth, run),
            };
        }

        run.Progress.Report(stage, 1, 1);
        return (result, split.Holdout.IsEnough ? model.WithoutUsers() : null);
    }
}
