using System.CommandLine;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>verify: reads every byte of a snapshot; exit code 1 with the reason when anything is wrong.</summary>
internal static class VerifyCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var path = SnapshotPath.Argument();
        var command = new Command(
            "verify", "Check every byte of a snapshot: checksums, padding, offsets, ids, numbers.") { path };
        command.SetAction(parsed =>
        {
            using var snapshot = Snapshot.OpenVerified(SnapshotPath.Resolve(parsed.GetRequiredValue(path)));
            Console.WriteLine(
                $"{snapshot.Path} is valid: snapshot {snapshot.Id}, {snapshot.Sections.Count} sections, "
                + $"{snapshot.FileLength} bytes");
        });
        return command;
    }
}
