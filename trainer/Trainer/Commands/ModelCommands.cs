using System.CommandLine;
using Engine;
using Engine.Snapshots;
using Spectre.Console;
using Trainer.Pipeline.Lifecycle;

namespace Trainer.Commands;

/// <summary>The verbs about a workspace's model: <c>status</c>, <c>update</c>, <c>unpublish</c>.</summary>
public static class ModelCommands
{
    /// <summary>Makes the verb <c>status</c>.</summary>
    public static Command Status() => Create("status", "Shows where a workspace's model stands, and its last trainings.", (directory, _) =>
    {
        var record = new ModelFile(directory).ReadCurrent();
        var console = AnsiConsole.Console;
        console.MarkupLineInterpolated($"{record.State}, serving {directory.ReadCurrent() ?? "nothing"}");
        if (record.Runs.Count == 0)
        {
            return;
        }

        var table = new Table { Border = TableBorder.Simple }.AddColumns("started", "minutes", "kind", "state", "snapshot or reason");
        foreach (var run in record.Runs)
        {
            table.AddRow(
                run.Started.ToString("u"),
                run.Ended is { } ended ? (ended - run.Started).TotalMinutes.ToString("F1") : "",
                run.Kind,
                run.State.ToString(),
                Markup.Escape(run.Error ?? run.SnapshotId ?? $"process {run.ProcessId} on {run.Machine}"));
        }

        console.Write(table);
    });

    /// <summary>Makes the verb <c>update</c>.</summary>
    public static Command Update() => Create("update", "Trains again on the dataset and settings of the last successful training, from where its factors ended.", (directory, root) =>
    {
        var record = new ModelFile(directory).Read();
        if (record.Options is not { } options)
        {
            throw new InputException($"found no successful training in {directory.Path}, expected one to update: run `train` first");
        }

        using var previous = record.SnapshotId is { } id && directory.List().Contains(id) ? directory.Open(id) : null;
        TrainSession.Run(options with { Out = root, Workspace = directory.Workspace }, "update", budget: null, previous);
    });

    /// <summary>Makes the verb <c>unpublish</c>.</summary>
    public static Command Unpublish() => Create("unpublish", "Takes the model down: its snapshots stay, none is named to be served.", (directory, _) =>
    {
        ModelLifecycle.Unpublish(directory);
        Console.Out.WriteLine($"Unpublished. {directory.List().Count} snapshots stay in {directory.Path}; an engine that runs serves on until it starts anew.");
    });

    private static Command Create(string name, string description, Action<SnapshotDirectory, string> run)
    {
        var output = new Option<string>("--out") { Description = "The folder of snapshots", Required = true };
        var workspace = new Option<string>("--workspace") { Description = "The tenant", DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace };
        var command = new Command(name, description) { output, workspace };
        command.SetAction(parsed =>
        {
            var root = parsed.GetRequiredValue(output);
            run(new SnapshotDirectory(root, parsed.GetValue(workspace)!), root);
            return 0;
        });
        return command;
    }
}
