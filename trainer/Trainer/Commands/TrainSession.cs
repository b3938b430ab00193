using System.CommandLine;
using System.Globalization;
using Engine;
using Engine.Datasets.Mapping;
using Engine.Snapshots;
using Trainer.Data.Running;
using Trainer.Evaluation.Tuning;
using Trainer.Pipeline;
using Trainer.Pipeline.Lifecycle;
using Trainer.Pipeline.Settings;
using Trainer.Pipeline.Tuning;
using Trainer.Reporting;

namespace Trainer.Commands;

/// <summary>
/// One training at the console: locks the workspace, reads the data, chooses settings when there is a budget, trains
/// and publishes.
/// </summary>
internal static class TrainSession
{
    /// <summary>Runs it.</summary>
    /// <param name="options">What to train.</param>
    /// <param name="parsed">The command line: its verb is recorded, and it says how to print.</param>
    /// <param name="context">Threads, cancellation, clock.</param>
    /// <param name="limit">Time to choose settings in; null to use them as they are.</param>
    /// <param name="previous">The snapshot to warm-start from, or null.</param>
    /// <exception cref="InputException">The workspace is locked, or data or settings are rejected.</exception>
    public static void Run(
        TrainOptions options, ParseResult parsed, RunContext context, TimeSpan? limit, Snapshot? previous = null)
    {
        options.Validate();
        context.Validate();
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        if (!Directory.Exists(directory.Path) && !Directory.Exists(options.Dataset))
        {
            // A mapping that cannot be read makes no folder. Where there is one, it is recorded as a failed training.
            // A folder is an extract.
            _ = DatasetFile.Read(options.Dataset);
        }

        var (id, report) = ModelLifecycle.Run(
            options,
            parsed.CommandResult.Command.Name,
            context.Time,
            begun => ConsoleProgress.Run(context, run =>
            {
                var budget = limit is { } time ? new Budget(time, run.Time, Console.Error) : null;
                SaySwept(directory, run.Time);
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
        TrainingSummary.Print(parsed.Screen(), id, report, directory);
        if (parsed.GetValue(Output.Json))
        {
            using var published = directory.Open(id);
            Console.WriteLine(ReportJson.Of(published));
        }
    }

    // The workspace is locked for this training, so a snapshot that is half written belongs to a killed one.
    private static void SaySwept(SnapshotDirectory directory, TimeProvider time)
    {
        foreach (var (path, bytes) in directory.Sweep(time.GetUtcNow()))
        {
            Console.Error.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"warning: deleted {path} ({bytes:N0} bytes), which a killed process left behind"));
        }
    }
}
