using System.CommandLine;
using Engine.Server.Audit;
using Engine.Server.Backups;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>restore: puts back what backup has written, complete or not at all.</summary>
internal static class RestoreCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A backup." };
        var root = new Option<string?>("--snapshots") { Description = "The snapshot root folder to restore into." };
        var workspace = new Option<string?>("--workspace") { Description = "One workspace. Default: all." };
        var keys = new Option<bool>("--with-keys") { Description = "The keys of callers, too." };
        var replace = new Option<bool>("--replace")
        {
            Description = "Replace workspaces that exist. They are renamed, not deleted. No engine may run on them.",
        };
        var check = new Option<bool>("--check") { Description = "Verify every byte of the backup; restore nothing." };
        var json = JsonOutput.Option();
        var command = new Command(
            "restore", "Verify a backup, and restore workspaces from it: complete, or not at all.")
        {
            file,
            root,
            workspace,
            keys,
            replace,
            check,
            json,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            if (parsed.GetValue(check))
            {
                BackupCommand.Print(path, BackupReader.Read(path), parsed.GetValue(json));
                return;
            }

            var folder = parsed.GetValue(root) ?? throw new InputException("Give --snapshots FOLDER, or --check");
            if (!File.Exists(path))
            {
                throw new InputException($"there is no file {path}. Give one that `engine backup` wrote");
            }

            var restored = CommandAudit.Run(
                folder,
                "restore",
                parsed.GetValue(workspace) ?? "",
                $"backup {path}",
                () => "",
                () => new Restoration(path, folder, parsed.GetValue(replace))
                    .Run(parsed.GetValue(workspace), parsed.GetValue(keys)),
                makesFolder: true);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(restored));
                return;
            }

            Console.WriteLine(
                $"Restored workspaces {string.Join(", ", restored.Workspaces)} into {folder}; "
                + $"{restored.Snapshots} snapshots verified.");
            foreach (var replaced in restored.Replaced)
            {
                Console.WriteLine($"What was there before is {replaced}. Delete it when you no longer need it.");
            }
        });
        return command;
    }
}
