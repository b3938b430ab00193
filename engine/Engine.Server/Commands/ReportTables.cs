using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>The training report for a person.</summary>
internal static class ReportTables
{
    /// <summary>Counts, rejected rows, metrics, warnings; an empty part is left out.</summary>
    public static void Write(IAnsiConsole console, TrainingReport report)
    {
        var counts = Screen.Table("stage", "count");
        foreach (var stage in report.Counts)
        {
            counts.AddRow(Screen.Text(stage.Stage), $"{stage.Count:N0}");
        }

        WriteFilled(console, counts);
        var rejected = Screen.Table("rejected rows", "rows", "first at");
        foreach (var reason in report.Rejected.Where(reason => reason.Count > 0))
        {
            var first = reason.Examples.FirstOrDefault();
            rejected.AddRow(
                Screen.Text(reason.Reason),
                $"{reason.Count:N0}",
                Screen.Text(first is null ? "" : $"{first.File}:{first.Line}"));
        }

        WriteFilled(console, rejected);
        var metrics = Screen.Table("model", "recall@10", "recall@20", "nDCG@10", "nDCG@20");
        foreach (var model in report.Metrics)
        {
            metrics.AddRow(
                Screen.Text(model.Model),
                $"{model.RecallAt10:F4}",
                $"{model.RecallAt20:F4}",
                $"{model.NdcgAt10:F4}",
                $"{model.NdcgAt20:F4}");
        }

        WriteFilled(console, metrics);
        if (report.Holdout is { } holdout)
        {
            console.WriteLine(
                $"evaluated on {holdout.FirstDay} .. {holdout.LastDay}: {holdout.Purchases:N0} purchases of "
                + $"{holdout.Users:N0} users");
        }

        if (report.Metrics.Length > 0)
        {
            console.WriteLine(ReportVerdict.RecallInWords);
        }

        foreach (var sentence in ReportVerdict.Of(report))
        {
            console.WriteLine(sentence.Text);
        }

        foreach (var warning in report.Warnings)
        {
            console.WriteLine($"warning: {Printable.Of(warning)}");
        }
    }

    private static void WriteFilled(IAnsiConsole console, Table table)
    {
        if (table.Rows.Count > 0)
        {
            console.Write(table);
        }
    }
}
