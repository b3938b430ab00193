using Engine;
using Engine.Snapshots;
using Trainer.Data.Running;
using Trainer.Evaluation.Tuning;
using Trainer.Pipeline;
using Trainer.Pipeline.Lifecycle;
using Trainer.Pipeline.Settings;
using Trainer.Pipeline.Tuning;
using Trainer.Reporting;

namespace Trainer.Commands;

/// <summary>One training at the console: locks the workspace, reads the data, chooses settings when there is a budget, trains and publishes.</summary>
internal static class TrainSession
{
    /// <summary>Runs it.</summary>
    /// <param name="options">What to train.</param>
    /// <param name="kind">For the record: <c>train</c> or <c>update</c>.</param>
    /// <param name="context">Threads, cancellation, clock.</param>
    /// <param name="limit">Time to choose settings in; null to use them as they are.</param>
    /// <param name="previous">The snapshot to warm-start from, or null.</param>
    /// <exception cref="InputException">The workspace is locked, or data or settings are rejected.</exception>
    public static void Run(TrainOptions options, string kind, RunContext context, TimeSpan? limit, Snapshot? previous = null)
    {
        options.Validate();
        context.Validate();
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        var (id, report) = ModelLifecycle.Run(options, kind, context.Time, begun => ConsoleProgress.Run(context, run =>
        {
            var budget = limit is { } time ? new Budget(time, run.Time, Console.Error) : null;
            var dataset = TrainingPipeline.Read(options, run);
            begun(options);
            if (budget is null)
            {
                return TrainingPipeline.Run(dataset, options, run, previous);
            }

            var journal = new TuningJournal(directory, AutoTuner.Question(dataset, options));
            // An update repeats the chosen settings.
            var chosen = new AutoTuner(dataset, options, budget, journal, run).Run();
            begun(chosen);
            var result = TrainingPipeline.Run(dataset, chosen, run);
            journal.Delete();
            return result;
        }));
        TrainingSummary.Print(id, report, directory);
    }
}
