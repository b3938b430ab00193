using System.CommandLine;
using Engine.Server.Contract;
using Engine.Snapshots;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>inspect: what is in a verified snapshot, in tables or as the JSON that Describe gives.</summary>
internal static class InspectCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var path = SnapshotPath.Argument();
        var json = new Option<bool>("--json")
        {
            Description = "One JSON document, as GET /v1/snapshots:describe gives it.",
        };
        var command = new Command("inspect", "Show the scope, sizes, sections and training report of a snapshot.")
        {
            path,
            json,
        };
        command.SetAction(parsed =>
        {
            using var snapshot = Snapshot.OpenVerified(SnapshotPath.Resolve(parsed.GetRequiredValue(path)));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Format(SnapshotDescription.Describe(snapshot, active: false)));
                return;
            }

            var console = Screen.Create();
            console.Write(Facts(snapshot));
            console.Write(Sections(snapshot));
            ReportTables.Write(console, snapshot.Report);
        });
        return command;
    }

    private static Table Facts(Snapshot snapshot)
    {
        var manifest = snapshot.Manifest;
        var scope = manifest.Scope;
        var table = Screen.Table("snapshot", Screen.Text(snapshot.Id));
        table.AddRow("file", Screen.Text(snapshot.Path));
        table.AddRow("bytes, mapped when served", $"{snapshot.FileLength:N0}");
        table.AddRow("users", $"{manifest.UserCount:N0} (identity type {Screen.Text(manifest.IdentityType)})");
        table.AddRow("products", $"{manifest.ProductCount:N0}");
        table.AddRow(
            "dimensions",
            Screen.Text(
                $"{manifest.FactorCount} factors{string.Concat(manifest.RateDimensions.Select(name => $", {name}"))}"));
        table.AddRow("scope year", $"{scope.ScopeStart} .. {scope.LastBehaviorTime}");
        table.AddRow(
            "prediction window",
            $"{scope.WindowStart:yyyy-MM-dd} .. {scope.WindowEnd:yyyy-MM-dd} (N = {scope.HorizonDays} days)");
        table.AddRow("behaviors in scope", $"{snapshot.History.Count:N0}");
        table.AddRow("similar pairs", $"{snapshot.Similarity.Count:N0}");
        table.AddRow("related pairs", $"{snapshot.Related.Count:N0}");
        table.AddRow(
            "tags",
            Screen.Text(
                string.Join(
                    ", ",
                    manifest.Tags.Select(
                        tag => $"{tag.Column} ({tag.Type}{(tag.Statistical ? ", statistical" : "")})"))));
        foreach (var (key, value) in manifest.Settings.OrderBy(setting => setting.Key, StringComparer.Ordinal))
        {
            table.AddRow(Screen.Text(key), Screen.Text(value));
        }

        return table;
    }

    private static Table Sections(Snapshot snapshot)
    {
        var table = Screen.Table("section", "element", "rows", "columns", "bytes", "share", "bytes a user");
        foreach (var section in SnapshotDescription.Describe(snapshot, active: false).Sections)
        {
            table.AddRow(
                Screen.Text(section.Kind),
                section.ElementType,
                $"{section.Rows:N0}",
                $"{section.Columns:N0}",
                $"{section.Length:N0}",
                $"{100.0 * section.Length / snapshot.FileLength:N1} %",
                $"{(double)section.Length / Math.Max(1, snapshot.Manifest.UserCount):N1}");
        }

        return table;
    }
}
