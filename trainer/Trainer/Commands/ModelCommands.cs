using System.CommandLine;
using Engine;
using Engine.Snapshots;
using Spectre.Console;
using Trainer.Data.Running;
using Trainer.Pipeline.Lifecycle;

namespace Trainer.Commands;

/// <summary>The verbs about a workspace's model: <c>status</c>, <c>update</c>, <c>unpublish</c>.</summary>
public static class ModelCommands
{
    /// <summary>Makes the verb <c>status</c>.</summary>
    public static Command Status() => Create(
        "status",
        "Show the state of a workspace's model and its last trainings.",
        (directory, parsed, _) => Status(directory, parsed));

    private static void Status(SnapshotDirectory directory, ParseResult parsed)
    {
        var record = new ModelFile(directory.Existing()).ReadCurrent();
        parsed.PrintJson(new
        {
            State = record.State.ToString(),
            Serving = directory.ReadCurrent(),
            Runs = record.Runs.Select(
                run => new
                {
                    run.Started,
                    run.Ended,
                    run.Kind,
                    State = run.State.ToString(),
                    run.SnapshotId,
                    run.Error,
                }),
        });
        var console = parsed.Screen();
        console.MarkupLineInterpolated($"{record.State}, serving {directory.ReadCurrent() ?? "nothing"}");
        if (record.Runs.Count == 0)
        {
            return;
        }

        var table = new Table { Border = TableBorder.Simple }.AddColumns(
            "started", "minutes", "kind", "state", "snapshot or reason");
        foreach (var run in record.Runs)
        {
            table.AddRow(
                run.Started.ToString("u"),
                run.Ended is { } ended ? (ended - run.Started).TotalMinutes.ToString("F1") : "",
                run.Kind,
                run.State.ToString(),
                Markup.Escape(Printable.Of(
                    run.Error ?? run.SnapshotId ?? $"process {run.ProcessId} on {run.Machine}")));
        }

        console.Write(table);
    }

    /// <summary>Makes the verb <c>update</c>.</summary>
    public static Command Update()
    {
        var threads = RunOptions.Threads();
        var command = Create("update", "Train again when new data arrives: same dataset and settings, "
            + "warm-started from the last factors.", (directory, parsed, cancel) =>
            Update(
                directory,
                parsed,
                new RunContext { Threads = parsed.GetValue(threads), Cancel = cancel }));
        command.Options.Add(threads);
        return command;
    }

    private static void Update(SnapshotDirectory directory, ParseResult parsed, RunContext context)
    {
        var record = new ModelFile(directory).Read();
        if (record.Options is not { } options)
        {
            throw new InputException(
                $"found no successful training in {directory.Path}, expected one to update: run `trainer train` first");
        }

        using var previous = record.SnapshotId is { } id && directory.List().Contains(id) ? directory.Open(id) : null;
        var root = parsed.GetRequiredValue<string>("--out");
        TrainSession.Run(
            options with { Out = root, Workspace = directory.Workspace }, parsed, context, limit: null, previous);
    }

    /// <summary>Makes the verb <c>unpublish</c>.</summary>
    public static Command Unpublish() => Create("unpublish", "Unpublish the model. Its snapshots stay; "
        + "running engines keep serving until they restart.", (directory, parsed, _) =>
    {
        ModelLifecycle.Unpublish(directory);
        parsed.Print(
            new { directory.Workspace, Serving = directory.ReadCurrent(), Snapshots = directory.List() },
            $"Unpublished. {directory.List().Count} snapshots stay in {directory.Path}; "
            + "running engines keep serving until they restart.");
    });

    private static Command Create(
        string name, string description, Action<SnapshotDirectory, ParseResult, CancellationToken> run)
    {
        var output = new Option<string>("--out") { Description = "The folder of snapshots", Required = true };
        var workspace = new Option<string>("--workspace")
        {
            Description = "The workspace: one per tenant",
            DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace,
        };
        var command = new Command(name, description) { output, workspace };
        command.SetWork((parsed, cancel) =>
        {
            run(new SnapshotDirectory(parsed.GetRequiredValue(output), parsed.GetValue(workspace)!), parsed, cancel);
            return 0;
        });
        return command;
    }
}
