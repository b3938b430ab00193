using System.CommandLine;
using Engine.Server.Retention;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>sweep: deletes what is beyond the retention settings, as a running engine does.</summary>
internal static class SweepCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var workspace = new Option<string?>("--workspace") { Description = "One workspace. Default: all." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be deleted, and delete nothing." };
        var json = JsonOutput.Option();
        var command = new Command(
            "sweep", "Delete the oldest ended tasks and published snapshots beyond the kept_ settings.")
        {
            workspace,
            dryRun,
            json,
        };
        var settings = new ServeSettings(
            command,
            setting => setting.Name == "snapshots" || setting.Name.StartsWith("kept_", StringComparison.Ordinal));
        command.SetAction(parsed =>
        {
            var options = settings.Of(parsed, Environment.GetEnvironmentVariables()).Options;
            if (options.Snapshots.Length == 0 || !options.Retention.IsBounded)
            {
                throw new InputException(
                    "found no bound or no folder; expected --snapshots and one of --kept-snapshots, "
                    + "--kept-snapshot-mebibytes, --kept-tasks, --kept-task-mebibytes, or a --config FILE with them");
            }

            var names = ChosenWorkspaces.Of(options.Snapshots, parsed.GetValue(workspace));
            var done = new List<object>();
            foreach (var directory in names.Select(name => new SnapshotDirectory(options.Snapshots, name)))
            {
                var sweep = WorkspaceSweep.Plan(directory, options.Retention, TimeProvider.System.GetUtcNow());
                if (!sweep.IsEmpty && !parsed.GetValue(dryRun))
                {
                    sweep.Apply(options.Snapshots, directory);
                }

                done.Add(new { directory.Workspace, sweep.Tasks, sweep.Snapshots });
                if (parsed.GetValue(json))
                {
                    continue;
                }

                var verb = parsed.GetValue(dryRun) ? "would delete" : "deleted";
                Console.WriteLine(
                    $"workspace {directory.Workspace}: " + (sweep.IsEmpty ? "nothing to delete" : $"{verb} {sweep}"));
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(new { Workspaces = done, DryRun = parsed.GetValue(dryRun) }));
            }
        });
        return command;
    }
}
