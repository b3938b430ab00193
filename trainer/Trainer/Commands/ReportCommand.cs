using System.CommandLine;
using System.Text;
using Engine;
using Engine.Reports;
using Engine.Snapshots;
using Spectre.Console;
using Trainer.Reporting;

namespace Trainer.Commands;

/// <summary>The verb <c>report</c>: the training report of a snapshot, as text, JSON or HTML.</summary>
public static class ReportCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var path = new Argument<string>("snapshot")
        {
            Description = "A .snapshot file, or a folder of snapshots, whose CURRENT names the file",
        };
        var workspace = new Option<string>("--workspace")
        {
            Description = "The workspace, when a folder is given",
            DefaultValueFactory = _ => SnapshotDirectory.DefaultWorkspace,
        };
        var html = new Option<string?>("--html")
        {
            Description = "Write one self-contained HTML file with charts, in English and Chinese",
        };
        var command = new Command("report", "Show how a snapshot was trained and how well it predicts.")
        {
            path,
            workspace,
            html,
        };
        command.SetAction(parsed =>
        {
            using var snapshot = Open(parsed.GetRequiredValue(path), parsed.GetValue(workspace)!);
            if (parsed.GetValue(html) is { } file)
            {
                File.WriteAllText(
                    file,
                    ReportPage.Of(ReportJson.Of(snapshot)),
                    new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                parsed.Screen().WriteLine($"Wrote {file}");
            }

            if (parsed.GetValue(Output.Json))
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
            : throw new InputException(
                $"nothing is published in {path} for workspace '{workspace}' yet: run `trainer train --out {path}`, "
                + "or name a .snapshot file");
    }
}
