using System.Text.Json.Nodes;
using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Tests.Shared;
using Trainer.Data.Running;
using Trainer.Pipeline;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Lifecycle;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

public class ModelLifecycleTests
{
    [Fact]
    public void A_model_goes_from_not_started_through_pending_and_training_to_successful()
    {
        using var folder = new TemporaryFolder();
        var (options, directory) = Workspace(folder);
        var file = new ModelFile(directory);
        Assert.Equal(ModelState.NotStarted, file.ReadCurrent().State);
        var seen = new List<ModelState>();
        Run(options, begun =>
        {
            seen.Add(file.Read().State);
            begun(options with { HistoryHalfLifeDays = 7 });
            seen.Add(file.Read().State);
            return ("20210801-n30-00000000", ReportOf());
        });
        Assert.Equal([ModelState.PendingTraining, ModelState.Training], seen);
        var record = file.ReadCurrent();
        Assert.Equal((ModelState.TrainingSuccessful, "20210801-n30-00000000"), (record.State, record.SnapshotId));
        Assert.Equal(options.Als, record.Options!.Als);
        Assert.Equal(7, record.Options.HistoryHalfLifeDays);
        Assert.Equal(options.Weights, record.Options.Weights);
        Assert.Equal("train", Assert.Single(record.Runs).Kind);
    }

    [Fact]
    public void A_failed_training_says_why_and_keeps_the_good_model()
    {
        using var folder = new TemporaryFolder();
        var options = Options(TinyBrand.Write(folder), folder);
        var directory = new SnapshotDirectory(options.Out);
        var (good, _) = Run(options, _ => TrainingPipeline.Run(options, new RunContext()));
        TinyBrand.Write(folder, products: 8);
        var error =
            Assert.Throws<InputException>(() => Run(options, _ => TrainingPipeline.Run(options, new RunContext())));
        var record = new ModelFile(directory).ReadCurrent();
        Assert.Equal((ModelState.TrainingFailed, good), (record.State, record.SnapshotId));
        Assert.Equal([error.Message, null], record.Runs.Select(run => run.Error));
        Assert.Equal(good, directory.ReadCurrent());
        directory.Open(good).Dispose();
    }

    [Fact]
    public void Two_trainings_never_share_a_workspace_and_another_workspace_is_free()
    {
        using var folder = new TemporaryFolder();
        var (options, _) = Workspace(folder);
        Run(options, _ =>
        {
            var error = Assert.Throws<InputException>(
                () => Run(options, _ => throw new InvalidOperationException("both trained")));
            Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
            Run(options with { Workspace = "other" }, _ => ("b", ReportOf()));
            return ("a", ReportOf());
        });
    }

    [Fact]
    public void A_crash_leaves_a_failed_training_and_locks_nobody_out()
    {
        using var folder = new TemporaryFolder();
        var (options, directory) = Workspace(folder);
        Directory.CreateDirectory(directory.Path);
        var file = new ModelFile(directory);
        // What a killed process leaves: a lock file that nobody holds, and a record of a training.
        File.WriteAllText(Path.Combine(directory.Path, "TRAINING.lock"), "");
        file.Write(ModelRecord.Fresh with
        {
            State = ModelState.Training,
            SnapshotId = "good",
            Runs =
                [new TrainingRun
                {
                    Kind = "train",
                    State = ModelState.Training,
                    Started = default,
                    ProcessId = 1,
                    Machine = "gone",
                }],
        });
        var after = file.ReadCurrent();
        Assert.Equal((ModelState.TrainingFailed, "good"), (after.State, after.SnapshotId));
        Assert.Contains("process 1 on gone ended", after.Runs[0].Error, StringComparison.Ordinal);
        Run(options, _ => ("next", ReportOf()));
        Assert.Equal(
            [ModelState.TrainingSuccessful, ModelState.TrainingFailed],
            file.ReadCurrent().Runs.Select(run => run.State));
    }

    [Fact]
    public void Unpublished_means_that_nothing_is_named_and_the_snapshots_stay()
    {
        using var folder = new TemporaryFolder();
        var options = Options(TinyBrand.Write(folder), folder);
        var directory = new SnapshotDirectory(options.Out);
        Assert.Throws<InputException>(() => ModelLifecycle.Unpublish(directory));
        var (id, _) = Run(options, _ => TrainingPipeline.Run(options, new RunContext()));
        ModelLifecycle.Unpublish(directory);
        Assert.Null(directory.ReadCurrent());
        Assert.Equal([id], directory.List());
        Assert.Equal(ModelState.Unpublished, new ModelFile(directory).ReadCurrent().State);
    }

    [Fact]
    public void An_update_goes_on_from_the_factors_that_are_served()
    {
        using var folder = new TemporaryFolder();
        var options = Options(TinyBrand.Write(folder), folder) with { Als = new() { Factors = 4, Epochs = 40 } };
        var directory = new SnapshotDirectory(options.Out);
        var (id, cold) = TrainingPipeline.Run(options, new RunContext());
        using var previous = directory.Open(id);
        var dataset = TrainingPipeline.Read(options, new RunContext());
        var (next, warm) = TrainingPipeline.Run(dataset, options, new RunContext(), previous);
        // On the same data the first epoch is already where the forty before it ended; from chance it is not.
        Assert.Equal((40, WarmStart.Epochs), (cold.Losses.Length, warm.Losses.Length));
        Assert.True(warm.Losses[0] <= cold.Losses[^1] * 1.0001, $"{warm.Losses[0]} after {cold.Losses[^1]}");
        Assert.True(cold.Losses[0] > cold.Losses[^1] * 1.01, $"{cold.Losses[0]} to {cold.Losses[^1]}");
        Assert.Equal(next, TrainingPipeline.Run(dataset, options, new RunContext(), previous).Id);
        Assert.Equal(cold.Metrics, warm.Metrics);
    }

    [Theory]
    [InlineData("U", "U", "2021-", "2020-", "the data end on 2020-08-01, before 2021-08-01, the last day of snapshot ")]
    [InlineData("U", "V", "", "", "only 0 of the 60 users of snapshot ")]
    [InlineData("U", "U", "", "", null)]
    public void An_update_tells_what_it_lost(string user, string users, string day, string days, string? said)
    {
        using var folder = new TemporaryFolder();
        var options = Options(TinyBrand.Write(folder), folder);
        var directory = new SnapshotDirectory(options.Out);
        using var previous = directory.Open(TrainingPipeline.Run(options, new RunContext()).Id);
        var rows = File.ReadAllLines(folder.File("behavior.csv"))
            .Where(row => day.Length == 0 || !row.Contains("2020-"))
            .Select(row => row.StartsWith(user, StringComparison.Ordinal) ? users + row[user.Length..] : row)
            .Select(row => day.Length == 0 ? row : row.Replace(day, days, StringComparison.Ordinal));
        folder.Write("behavior.csv", string.Join('\n', rows));
        var dataset = TrainingPipeline.Read(options, new RunContext());
        var lost = TrainingPipeline.Run(dataset, options, new RunContext(), previous).Report.Warnings
            .Where(warning => warning.Contains("which this one replaces", StringComparison.Ordinal));
        Assert.Equal(said is null ? 0 : 1, lost.Count());
        Assert.All(lost, warning => Assert.StartsWith(said!, warning, StringComparison.Ordinal));
    }

    private static (TrainOptions Options, SnapshotDirectory Directory) Workspace(TemporaryFolder folder)
    {
        var options = Options(folder.File("dataset.json"), folder);
        return (options, new SnapshotDirectory(options.Out));
    }

    private static TrainOptions Options(string dataset, TemporaryFolder folder) => new()
    {
        Dataset = dataset,
        Out = folder.File("out"),
        Als = new() { Factors = 4, Epochs = 3 },
        Similarity = new() { Neighbors = 5 },
    };

    [Fact]
    public void A_model_file_that_stores_threads_is_read_and_written_without_them()
    {
        using var folder = new TemporaryFolder();
        var (options, directory) = Workspace(folder);
        Run(options, _ => ("first", ReportOf()));
        var path = Path.Combine(directory.Path, "MODEL.json");
        var written = File.ReadAllText(path);
        Assert.DoesNotContain("threads", written, StringComparison.Ordinal);
        var old = JsonNode.Parse(written)!;
        old["options"]!["threads"] = 7;
        foreach (var part in (string[])["als", "ridge", "similarity"])
        {
            old["options"]![part]!["threads"] = 7;
        }

        File.WriteAllText(path, old.ToJsonString());
        Assert.Equal(
            options with { Dataset = Path.GetFullPath(options.Dataset) }, new ModelFile(directory).Read().Options);
    }

    [Fact]
    public void A_stopped_training_is_recorded_as_stopped()
    {
        using var folder = new TemporaryFolder();
        var (options, directory) = Workspace(folder);
        Assert.Throws<OperationCanceledException>(() => Run(options, _ => throw new OperationCanceledException()));
        var record = new ModelFile(directory).Read();
        Assert.Equal((ModelState.TrainingFailed, "stopped"), (record.State, record.Runs[0].Error));
    }

    private static (string Id, TrainingReport Report) Run(
        TrainOptions options, Func<Action<TrainOptions>, (string Id, TrainingReport Report)> train) =>
        ModelLifecycle.Run(options, "train", TimeProvider.System, train);

    private static TrainingReport ReportOf() =>
        new() { Counts = [], Rejected = [], Warnings = [], Losses = [], Metrics = [], Holdout = null };
}
