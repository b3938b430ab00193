using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>
/// Records the states of a workspace's model around a training. One training runs at a time; a failed one never affects
/// what is served.
/// </summary>
public static class ModelLifecycle
{
    private const int KeptRuns = 20;

    /// <summary>Trains, publishes and records the result.</summary>
    /// <param name="options">What to train.</param>
    /// <param name="kind">For the record: <c>train</c> or <c>update</c>.</param>
    /// <param name="time">The clock of the record.</param>
    /// <param name="train">
    /// Trains and publishes; calls its argument with the settings once the data are read and the settings chosen.
    /// </param>
    /// <returns>What <paramref name="train"/> returns.</returns>
    /// <exception cref="InputException">
    /// Another process trains in the workspace, or the training is rejected.
    /// </exception>
    public static (string Id, TrainingReport Report) Run(
        TrainOptions options,
        string kind,
        TimeProvider time,
        Func<Action<TrainOptions>, (string Id, TrainingReport Report)> train)
    {
        var directory = new SnapshotDirectory(options.Out, options.Workspace);
        using var taken = TrainingLock.Take(directory);
        var file = new ModelFile(directory);
        var before = ModelFile.Settle(file.Read());
        var run = new TrainingRun
        {
            Kind = kind,
            State = ModelState.PendingTraining,
            Started = time.GetUtcNow(),
            ProcessId = Environment.ProcessId,
            Machine = Environment.MachineName,
        };
        file.Write(Add(before, run));
        try
        {
            var result = train(chosen =>
            {
                options = chosen;
                file.Write(Add(before, run = run with { State = ModelState.Training }));
            });
            run = run with { State = ModelState.TrainingSuccessful, Ended = time.GetUtcNow(), SnapshotId = result.Id };
            file.Write(
                Add(before, run) with
                {
                    SnapshotId = result.Id,
                    Options = options with { Dataset = Path.GetFullPath(options.Dataset) },
                });
            return result;
        }
        catch (Exception e)
        {
            file.Write(
                Add(
                    before,
                    run with
                    {
                        State = ModelState.TrainingFailed,
                        Ended = time.GetUtcNow(),
                        Error = e is OperationCanceledException ? "stopped" : e.Message,
                    }));
            throw;
        }
    }

    /// <summary>
    /// Unpublishes the model: deletes CURRENT and keeps the snapshots. Engines that start later serve nothing.
    /// </summary>
    /// <exception cref="InputException">Nothing is published, or a training runs.</exception>
    public static void Unpublish(SnapshotDirectory directory)
    {
        if (directory.ReadCurrent() is null)
        {
            throw new InputException(
                $"found no published snapshot in {directory.Path}, expected one: there is nothing to unpublish");
        }

        using var taken = TrainingLock.Take(directory);
        var file = new ModelFile(directory);
        directory.Deactivate();
        file.Write(ModelFile.Settle(file.Read()) with { State = ModelState.Unpublished });
    }

    private static ModelRecord Add(ModelRecord before, TrainingRun run) =>
        before with { State = run.State, Runs = [run, .. before.Runs.Take(KeptRuns - 1)] };
}
