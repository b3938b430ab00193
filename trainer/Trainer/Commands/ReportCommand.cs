using System.CommandLine;
using System.Text;
using Engine;
using Engine.Snapshots;
using Spectre.Console;
using Trainer.Reporting;

namespace Trainer.Commands;

/// <summary>The verb <c>report</c>: what training left in a snapshot, for a person, a program or a browser.</summary>
public static class ReportCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var path = new Argument<string>("snapshot") { Description = "A .snapshot file, or a folder of snapshots: then the one that CURRENT names" };
        var workspace = new Option<string>("--workspace") { Description = "The tenant, when a folder is given", DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace };
        var json = new Option<bool>("--json") { Description = "JSON; trainer/REPORT.md describes the keys" };
        var html = new Option<string?>("--html") { Description = "Write one self-contained HTML file with charts" };
        var command = new Command("report", "Shows how a snapshot was trained and how well it predicts.") { path, workspace, json, html };
        command.SetAction(parsed =>
        {
            using var snapshot = Open(parsed.GetRequiredValue(path), parsed.GetValue(workspace)!);
            if (parsed.GetValue(html) is { } file)
            {
                File.WriteAllText(file, HtmlReport.Of(snapshot), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                Console.Out.WriteLine($"Wrote {file}");
            }

            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(ReportJson.Of(snapshot));
            }
            else if (parsed.GetValue(html) is null)
            {
                TextReport.Write(AnsiConsole.Console, snapshot);
            }

            return 0;
        });
        return command;
    }

    private static Snapshot Open(string path, string workspace)
    {
        if (!Directory.Exists(path))
        {
            return Snapshot.Open(path);
        }

        var directory = new SnapshotDirectory(path, workspace);
        return directory.ReadCurrent() is { } current
            ? directory.Open(current)
            : throw new InputException($"found no CURRENT in {path} for workspace '{workspace}', expected a published snapshot: train one, or name a .snapshot file");
    }
}
