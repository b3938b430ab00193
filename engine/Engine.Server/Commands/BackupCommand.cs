using System.CommandLine;
using System.Globalization;
using Engine.Server.Backups;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>backup: one file with everything that an engine and a trainer need, while both run.</summary>
internal static class BackupCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "The backup, a tar archive that must not exist; or a folder, which gets engine-TIME.tar.",
        };
        var root = new Option<string>("--snapshots") { Description = "The snapshot root folder.", Required = true };
        var workspace = new Option<string?>("--workspace") { Description = "One workspace. Default: all." };
        var all = new Option<bool>("--all-snapshots")
        {
            Description = "Every published snapshot. Default: CURRENT, the rollback target, the last one that passed "
                + "the policy, and those of unfinished tasks.",
        };
        var keys = new Option<bool>("--with-keys") { Description = "The keys of callers, too (.access/keys.json)." };
        var keep = new Option<int?>("--keep")
        {
            Description =
                "In a folder: backups to keep, 1 or more. Older files engine-TIME.tar are deleted afterwards.",
        };
        var json = JsonOutput.Option();
        var command = new Command(
            "backup",
            "Write snapshots, pools, placements, experiments, audiences, blocked products, tasks with results, events "
            + "since the training, policy and the list of forgotten people into one file, and verify it. "
            + "Engines may run.")
        {
            file,
            root,
            workspace,
            all,
            keys,
            keep,
            json,
        };
        command.SetAction(parsed =>
        {
            var (path, folder, now) = (
                parsed.GetRequiredValue(file), parsed.GetRequiredValue(root), TimeProvider.System.GetUtcNow());
            var kept = parsed.GetValue(keep);
            if (kept < 1 || (kept is not null && !Directory.Exists(path)))
            {
                throw new InputException($"found --keep {kept} of {path}; expected 1 or more of a folder that exists");
            }

            path = Directory.Exists(path) ? Path.Combine(path, $"engine-{now:yyyyMMdd'T'HHmmss'Z'}.tar") : path;
            var names = ChosenWorkspaces.Of(folder, parsed.GetValue(workspace));
            if (names.Count == 0)
            {
                throw new InputException($"found no workspace in {folder}, expected at least one. Check --snapshots");
            }

            var manifest = Backup.Write(
                path,
                folder,
                names,
                new BackupContent(parsed.GetValue(all), parsed.GetValue(keys)),
                now);
            string[] excess = [.. Backup.Excess(path, kept ?? int.MaxValue)];
            Array.ForEach(excess, File.Delete);
            Print(path, manifest, parsed.GetValue(json), excess);
        });
        return command;
    }

    /// <summary>Prints what a backup holds, and which older ones were deleted.</summary>
    public static void Print(string path, BackupManifest manifest, bool json, params string[] deleted)
    {
        if (json)
        {
            Console.WriteLine(JsonText.Of(new
            {
                Path = path,
                manifest.Workspaces,
                Files = manifest.Files.Count,
                manifest.Bytes,
                manifest.Created,
                Deleted = deleted,
            }));
            return;
        }

        Console.WriteLine(Sentence(path, manifest));
        foreach (var old in deleted)
        {
            Console.WriteLine($"Deleted {old}.");
        }
    }

    private static string Sentence(string path, BackupManifest manifest) => string.Create(
        CultureInfo.InvariantCulture,
        $"{path}: workspaces {string.Join(", ", manifest.Workspaces)}, {manifest.Files.Count:N0} files, "
        + $"{manifest.Bytes:N0} bytes, begun {manifest.Created:u}; every byte verified.");
}
