using System.CommandLine;
using System.Globalization;
using Engine.Model;
using Engine.Model.Manifest;
using Spectre.Console;

namespace Trainer.Training;

/// <summary>The verb <c>train</c>: from a dataset to a published snapshot.</summary>
public static class TrainCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var defaults = new TrainOptions { Dataset = "", Out = "" };
        var dataset = new Option<string>("--dataset") { Description = "dataset.json, as `init` writes it, or the folder of an extract", Required = true };
        var output = new Option<string>("--out") { Description = "The folder of snapshots", Required = true };
        var workspace = Value("--workspace", "The tenant", defaults.Workspace);
        var horizon = Value("--horizon", "Days that a prediction covers, 15..90", defaults.Horizon);
        var factors = Value("--factors", "ALS dimensions, 1..2048", defaults.Als.Factors);
        var epochs = Value("--epochs", "ALS epochs, 1..1000", defaults.Als.Epochs);
        var unobserved = Value("--unobserved", "ALS weight of unobserved pairs, above 0", defaults.Als.UnobservedWeight);
        var regularization = Value("--regularization", "ALS regularisation, above 0", defaults.Als.Regularization);
        var halfLife = Value("--half-life", "Days after which a behaviour weighs half; 0 for no decay", defaults.Weights.HalfLifeDays);
        var seed = Value("--seed", "Seed of the first factors", defaults.Als.Seed);
        var threads = Value("--threads", "Threads; they do not change the result", defaults.Threads);
        var command = new Command("train", "Trains on a dataset, judges the model on the last days and publishes a snapshot.")
        {
            dataset, output, workspace, horizon, factors, epochs, unobserved, regularization, halfLife, seed, threads,
        };
        command.SetAction(parsed =>
        {
            var count = parsed.GetValue(threads);
            var options = new TrainOptions
            {
                Dataset = parsed.GetRequiredValue(dataset),
                Out = parsed.GetRequiredValue(output),
                Workspace = parsed.GetValue(workspace)!,
                Horizon = parsed.GetValue(horizon),
                Threads = count,
                Weights = defaults.Weights with { HalfLifeDays = parsed.GetValue(halfLife) },
                Similarity = defaults.Similarity with { Threads = count },
                Als = defaults.Als with
                {
                    Factors = parsed.GetValue(factors),
                    Epochs = parsed.GetValue(epochs),
                    UnobservedWeight = parsed.GetValue(unobserved),
                    Regularization = parsed.GetValue(regularization),
                    Seed = parsed.GetValue(seed),
                    Threads = count,
                },
            };
            var (id, report) = ConsoleProgress.Run(
                TimeProvider.System, progress => TrainingPipeline.Run(options, progress, CancellationToken.None));
            Print(id, report, new SnapshotDirectory(options.Out, options.Workspace));
            return 0;
        });
        return command;
    }

    private static Option<T> Value<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static void Print(string id, TrainingReport report, SnapshotDirectory directory)
    {
        var console = AnsiConsole.Console;
        var counts = new Table { Border = TableBorder.Simple }.AddColumn("stage").AddColumn(new TableColumn("count").RightAligned());
        foreach (var row in report.Counts)
        {
            counts.AddRow(Markup.Escape(row.Stage), row.Count.ToString("N0", CultureInfo.InvariantCulture));
        }

        foreach (var row in report.Rejected)
        {
            counts.AddRow(Markup.Escape(row.Reason), row.Count.ToString("N0", CultureInfo.InvariantCulture));
        }

        console.Write(counts);
        if (report.Holdout is { } holdout)
        {
            console.MarkupLineInterpolated($"Judged on {holdout.FirstDay} .. {holdout.LastDay}, which the judged models did not see: {holdout.Users:N0} users, {holdout.Purchases:N0} products purchased.");
            console.Write(Metrics(report));
        }

        foreach (var warning in report.Warnings)
        {
            console.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");
        }

        console.MarkupLineInterpolated($"Published {id} as {directory.FilePath(id)}");
    }

    private static Table Metrics(TrainingReport report)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumn("model");
        foreach (var name in (string[])["Recall@10", "Recall@20", "nDCG@10", "nDCG@20"])
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (var row in report.Metrics)
        {
            table.AddRow([row.Model, .. new[] { row.RecallAt10, row.RecallAt20, row.NdcgAt10, row.NdcgAt20 }.Select(value => value.ToString("F4", CultureInfo.InvariantCulture))]);
        }

        return table;
    }
}
