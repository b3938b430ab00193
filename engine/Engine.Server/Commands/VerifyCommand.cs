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
        var json = JsonOutput.Option();
        var command = new Command(
            "verify", "Check every byte of a snapshot: checksums, padding, offsets, ids, numbers.") { path, json };
        command.SetAction(parsed =>
        {
            using var snapshot = Snapshot.OpenVerified(SnapshotPath.Resolve(parsed.GetRequiredValue(path)));
            var (id, sections, bytes) = (snapshot.Id, snapshot.Sections.Count, snapshot.FileLength);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonText.Of(new { SnapshotId = id, snapshot.Path, Sections = sections, Bytes = bytes })
                : $"{snapshot.Path} is valid: snapshot {id}, {sections} sections, {bytes} bytes");
        });
        return command;
    }
}
