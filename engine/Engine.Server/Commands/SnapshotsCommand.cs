using System.CommandLine;
using System.Globalization;
using Engine.Scoring.Models;
using Engine.Server.Audit;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Retention;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>
/// snapshots: list, activate, rollback, prune. CURRENT moves; running engines follow within their poll period.
/// </summary>
internal static class SnapshotsCommand
{
    /// <summary>The verb with its four actions.</summary>
    public static Command Create() =>
        new("snapshots", "Published snapshots of a workspace: list, activate, roll back, delete old ones.")
        {
            List(), Activate(), Rollback(), Prune(),
        };

    private static Command List()
    {
        var (root, workspace) = Folder();
        var json = JsonOutput.Option();
        var command = new Command("list", "List the published snapshots, newest data first.") { root, workspace, json };
        command.SetAction(parsed =>
        {
            var directory =
                new SnapshotDirectory(parsed.GetRequiredValue(root), parsed.GetRequiredValue(workspace)).Existing();
            var (current, previous) = (directory.ReadCurrent(), directory.Previous());
            var rows = directory.List().Select(id => new
            {
                SnapshotId = id,
                Current = id == current,
                RollbackTarget = id == previous,
                Bytes = new FileInfo(directory.FilePath(id)).Length,
                Published = File.GetLastWriteTimeUtc(directory.FilePath(id)),
            }).ToArray();
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(rows));
                return;
            }

            var table = Screen.Table("snapshot", "state", "bytes", "published (UTC)");
            foreach (var row in rows)
            {
                table.AddRow(
                    Screen.Text(row.SnapshotId),
                    row.Current ? "CURRENT" : row.RollbackTarget ? "rollback target" : "",
                    row.Bytes.ToString("N0", CultureInfo.InvariantCulture),
                    row.Published.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
            }

            Screen.Create().Write(table);
        });
        return command;
    }

    private static Command Activate()
    {
        var (root, workspace) = Folder();
        var json = JsonOutput.Option();
        var id = new Argument<string>("snapshot") { Description = "The id of a published snapshot." };
        var force = new Option<bool>("--force")
        {
            Description = "Activate it although it is beyond the policy of the workspace (policy.json).",
        };
        var command = new Command(
            "activate", "Verify a published snapshot, judge it by the policy of the workspace, and move CURRENT to it.")
        {
            id,
            root,
            workspace,
            json,
            force,
        };
        command.SetAction(
            parsed => Move(
                new SnapshotDirectory(parsed.GetRequiredValue(root), parsed.GetRequiredValue(workspace)),
                parsed.GetRequiredValue(id),
                parsed.GetValue(force),
                parsed.GetValue(json)));
        return command;
    }

    private static Command Rollback()
    {
        var (root, workspace) = Folder();
        var json = JsonOutput.Option();
        var command = new Command("rollback", "Move CURRENT back to the snapshot that it named before.")
        {
            root,
            workspace,
            json,
        };
        command.SetAction(parsed =>
        {
            var directory = new SnapshotDirectory(parsed.GetRequiredValue(root), parsed.GetRequiredValue(workspace));
            Move(directory, directory.Previous()
                ?? throw new InputException(
                    $"workspace '{directory.Workspace}' has no other snapshot to roll back to. "
                    + "List them with 'snapshots list', activate one by its id"), force: true, parsed.GetValue(json));
        });
        return command;
    }

    private static Command Prune()
    {
        var (root, workspace) = Folder();
        var keep = new Option<int>("--keep")
        {
            Description = "Snapshots to keep, 1 or more. CURRENT, the rollback target, the last one that passed the "
                + "policy and those of unfinished tasks are always kept.",
            Required = true,
        };
        var json = JsonOutput.Option();
        var command = new Command("prune", "Delete the oldest published snapshots.") { root, workspace, keep, json };
        command.SetAction(parsed =>
        {
            var directory = new SnapshotDirectory(parsed.GetRequiredValue(root), parsed.GetRequiredValue(workspace));
            var deleted = CommandAudit.Run(
                parsed.GetRequiredValue(root),
                "snapshots prune",
                directory.Workspace,
                "snapshots",
                () => $"{directory.List().Count} published",
                () => directory.Prune(parsed.GetRequiredValue(keep), needed: () => NeededSnapshots.Of(directory)));
            Console.WriteLine(
                parsed.GetValue(json) ? JsonText.Of(new { directory.Workspace, Deleted = deleted })
                : deleted.Count == 0 ? "Nothing to delete."
                : $"Deleted {string.Join(", ", deleted)}.");
        });
        return command;
    }

    private static void Move(SnapshotDirectory directory, string id, bool force, bool json)
    {
        // Verified: CURRENT never moves to a damaged file.
        using var model = new ScoringModel(directory.Open(id));
        var (before, policy) = (directory.ReadCurrent(), new PolicyFile(directory.Path));
        if (!force && policy.IsToBeJudged(id) && policy.Baseline(directory) is { } baseline && baseline != id)
        {
            using var served = new ScoringModel(directory.Open(baseline));
            var audiences = new WorkspaceCatalog(directory.Path).Audiences;
            if (policy.Judge(served, model, audiences, Environment.ProcessorCount) is { } reason)
            {
                throw new StateException(reason);
            }
        }

        var root = Path.GetDirectoryName(directory.Path)!;
        CommandAudit.Run(
            root,
            "snapshots activate",
            directory.Workspace,
            $"snapshot {id}",
            () => directory.ReadCurrent() ?? "nothing",
            () =>
            {
                directory.Activate(id);
                policy.Approve(id);
                return id;
            });
        Console.WriteLine(json
            ? JsonText.Of(new { directory.Workspace, Current = id, Before = before })
            : $"CURRENT of workspace '{directory.Workspace}' names {id} (before: {before ?? "nothing"}).");
    }

    private static (Option<string> Root, Option<string> Workspace) Folder() => (
        new Option<string>("--snapshots") { Description = "The snapshot root folder.", Required = true },
        new Option<string>("--workspace")
        {
            Description = "The workspace.",
            DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace,
        });
}
