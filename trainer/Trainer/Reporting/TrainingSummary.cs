using System.Globalization;
using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Spectre.Console;

namespace Trainer.Reporting;

/// <summary>What a training prints at its end.</summary>
internal static class TrainingSummary
{
    /// <summary>Prints counts, figures, warnings and where the snapshot is.</summary>
    public static void Print(IAnsiConsole console, string id, TrainingReport report, SnapshotDirectory directory)
    {
        var counts = new Table { Border = TableBorder.Simple }
            .AddColumn("stage")
            .AddColumn(new TableColumn("count").RightAligned());
        foreach (var row in report.Counts)
        {
            counts.AddRow(Markup.Escape(row.Stage), row.Count.ToString("N0", CultureInfo.InvariantCulture));
        }

        foreach (var row in report.Rejected)
        {
            counts.AddRow(
                Markup.Escape(Printable.Of(row.Reason)), row.Count.ToString("N0", CultureInfo.InvariantCulture));
        }

        console.Write(counts);
        if (report.Holdout is { } holdout)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Evaluated on {holdout.FirstDay} .. {holdout.LastDay}, unseen in training: "
                + $"{holdout.Users:N0} customers bought {holdout.Purchases:N0} customer-product pairs."));
            console.Write(Metrics(report));
            console.WriteLine(ReportVerdict.RecallInWords);
        }

        foreach (var warning in report.Warnings)
        {
            console.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");
        }

        console.MarkupLineInterpolated($"Published {id} as {directory.FilePath(id)}");
    }

    private static Table Metrics(TrainingReport report)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumn("model");
        foreach (var name in (string[])["Recall@10", "Recall@20", "nDCG@10", "nDCG@20"])
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (var row in report.Metrics)
        {
            table.AddRow(
                [row.Model, .. new[] { row.RecallAt10, row.RecallAt20, row.NdcgAt10, row.NdcgAt20 }.Select(
                    value => value.ToString("F4", CultureInfo.InvariantCulture))]);
        }

        return table;
    }
}
