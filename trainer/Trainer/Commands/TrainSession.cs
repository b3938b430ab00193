using Engine;
using Engine.Snapshots;
using Trainer.Reporting;
using Trainer.Pipeline;
using Trainer.Pipeline.Lifecycle;
using Trainer.Pipeline.Settings;
using Trainer.Pipeline.Tuning;

namespace Trainer.Commands;

/// <summary>One training at the console: the workspace is taken, the data are read, settings chosen if there is a budget, the model trained and published.</summary>
internal static class TrainSession
{
    /// <summary>Runs it.</summary>
    /// <param name="options">What to train.</param>
    /// <param name="kind">For the record: <c>train</c> or <c>update</c>.</param>
    /// <param name="budget">Time to choose settings in; null to take them as they are.</param>
    /// <param name="previous">The snapshot whose factors to go on from, or null.</param>
    /// <exception cref="InputException">The workspace is taken, or data or settings are refused.</exception>
    public static void Run(TrainOptions options, string kind, TimeSpan? budget, Snapshot? previous = null)
    {
        options.Validate();
        var time = TimeProvider.System;
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        var (id, report) = ModelLifecycle.Run(options, kind, time, begun => ConsoleProgress.Run(time, progress =>
        {
            var start = time.GetTimestamp();
            var dataset = TrainingPipeline.Read(options, progress, CancellationToken.None);
            begun(options);
            if (budget is null)
            {
                return TrainingPipeline.Run(dataset, options, progress, CancellationToken.None, previous);
            }

            var journal = new TuningJournal(directory, AutoTuner.Question(dataset, options));
            var tuner = new AutoTuner(
                dataset, options, budget.Value - time.GetElapsedTime(start), journal, time, Console.Error, CancellationToken.None);
            // What was chosen is what an update repeats.
            var chosen = tuner.Run();
            begun(chosen);
            var result = TrainingPipeline.Run(dataset, chosen, progress, CancellationToken.None);
            journal.Delete();
            return result;
        }));
        TrainingSummary.Print(id, report, directory);
    }
}
