using System.CommandLine;
using Engine.Server.Reports;
using Engine.Server.Tasks;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>deliver: the result of a task as a folder for the messaging tool.</summary>
internal static class DeliverCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var task = new Argument<string>("task") { Description = "A task of the workspace that has succeeded." };
        var snapshots = new Option<string>("--snapshots")
        {
            Description = "The snapshot root, or a workspace folder.",
            Required = true,
        };
        var format = QueryOptions.OneOf("--format", "csv or parquet.", "csv", "parquet");
        var folder = new Option<string>("--to")
        {
            Description = "The folder in which the folder TASK appears, complete or not at all.",
            Required = true,
        };
        var json = JsonOutput.Option();
        var command = new Command("deliver", "Write the rows of a task and a manifest into a folder.")
        {
            task, snapshots, format, folder, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var workspace = Path.GetDirectoryName(SnapshotPath.Resolve(parsed.GetRequiredValue(snapshots)))!;
            var (target, isNew) = Delivery.Write(
                new TaskStore(workspace),
                parsed.GetRequiredValue(task),
                parsed.GetRequiredValue(format),
                parsed.GetRequiredValue(folder),
                cancellation);
            Console.WriteLine(
                parsed.GetValue(json) ? JsonText.Of(new { Path = target, AlreadyDelivered = !isNew })
                : isNew ? $"delivered: {target}"
                : $"already delivered, unchanged: {target}");
            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }
}
