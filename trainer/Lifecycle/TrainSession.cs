using System.Globalization;
using Engine.Model;
using Trainer.Autotune;
using Trainer.Data;
using Trainer.Training;

namespace Trainer.Lifecycle;

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
            SayRepeated(dataset.Report);
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

    private static void SayRepeated(ReadReport report)
    {
        if (report.RepeatedRows > 0)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"warning: {(report.RepeatedIsEstimate ? "about " : "")}{report.RepeatedRows:N0} of {report.Behaviors.Accepted:N0} behavior rows repeat an earlier row exactly. All were counted. If they are copies, remove them and train again."));
        }
    }
}
