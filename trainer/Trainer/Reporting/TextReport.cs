using System.Globalization;
using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Spectre.Console;

namespace Trainer.Reporting;

/// <summary>The report as tables for a terminal.</summary>
public static class TextReport
{
    /// <summary>Writes all of it.</summary>
    public static void Write(IAnsiConsole console, Snapshot snapshot)
    {
        var report = snapshot.Report;
        var scope = snapshot.Manifest.Scope;
        console.WriteLine(
            $"Snapshot {snapshot.Id}: {scope.ScopeStart} .. {scope.LastBehaviorTime}, "
            + $"predicts {scope.WindowStart:yyyy-MM-dd} .. {scope.WindowEnd:yyyy-MM-dd}");
        console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{snapshot.Manifest.UserCount:N0} users, {snapshot.Manifest.ProductCount:N0} products"));
        console.WriteLine();
        foreach (var sentence in ReportVerdict.Of(report))
        {
            console.WriteLine(sentence.Text);
        }

        console.WriteLine();
        console.WriteLine("The figures behind it");
        foreach (var warning in report.Warnings)
        {
            console.WriteLine($"warning: {Printable.Of(warning)}");
        }

        Table(
            console,
            ["stage", "count"],
            report.Counts.Select(row => new[] { row.Stage, row.Count.ToString("N0", CultureInfo.InvariantCulture) }));
        Table(
            console,
            ["rows with a problem", "rows"],
            report.Rejected
                .Where(row => row.Count > 0)
                .Select(row => new[] { row.Reason, row.Count.ToString("N0", CultureInfo.InvariantCulture) }));
        Table(
            console,
            ["candidate score", "nDCG@20", "served"],
            report.Candidates.Select(row => new[] { row.Name, Text(row.Ndcg), row.Served ? "yes" : "" }));
        Table(
            console,
            ["feature", "weight", "effect on the score"],
            report.Features.Take(20).Select(row => new[] { row.Name, Text(row.Weight), Text(row.Effect) }));
        if (report.Holdout is { } holdout)
        {
            console.WriteLine(
                $"Evaluated on {holdout.FirstDay} .. {holdout.LastDay}, unseen in training: "
                + $"{holdout.Users:N0} customers bought {holdout.Purchases:N0} customer-product pairs. "
                + "Intervals are 95 %.");
            console.WriteLine(ReportVerdict.RecallInWords);
        }

        WriteRankings(console, report);
        WriteProducts(console, report);
        if (report.Demand is { } demand)
        {
            console.WriteLine(DemandInWords(demand));
        }

        if (report.Cold is { } cold)
        {
            console.WriteLine(ColdInWords(cold));
        }

        WriteProbability(console, report.Probability, snapshot.Manifest.Calibration.Probabilities.Length > 0);
        console.WriteLine(NextOrderTables.Sentence(snapshot));
        foreach (var (columns, rows) in NextOrderTables.Of(snapshot))
        {
            Table(console, columns, rows);
        }
    }

    /// <summary>What the score knows of demand, in a sentence.</summary>
    public static string DemandInWords(DemandReport demand) => string.Create(
        CultureInfo.InvariantCulture,
        $"Demand, nDCG@20: {demand.Without:F4} without the products' sales, {demand.Served:F4} as served, "
        + $"{demand.Told:F4} told how many users purchase each product in the window"
        + $"{(demand.Closed is { } closed ? $": {closed:P0} of the gap is closed" : "")}.");

    /// <summary>How well tags describe products that nobody has purchased, in a sentence.</summary>
    public static string ColdInWords(ColdReport cold) => string.Create(
        CultureInfo.InvariantCulture,
        $"New products: {cold.Products:N0} get factors from {cold.Features:N0} values of tags and words of names. "
        + $"Judged on {cold.Hidden:N0} products that were hidden from the regression and {cold.Users:N0} purchasers of "
        + $"them: AUC {cold.Tags.Auc:F3} and recall@10 {cold.Tags.RecallAt10:F3}; by popularity "
        + $"{cold.Popularity.Auc:F3} and {cold.Popularity.RecallAt10:F3}; by their own factors "
        + $"{cold.Own.Auc:F3} and {cold.Own.RecallAt10:F3}.");

    private static void WriteRankings(IAnsiConsole console, TrainingReport report)
    {
        Table(
            console,
            [
                "model", "segment", "K", "users", "recall", "interval", "nDCG", "interval", "MAP", "precision",
                "hit rate",
            ],
            report.Rankings.Where(
                row => !row.Segment.StartsWith("activity", StringComparison.Ordinal)).Select(row => new[]
            {
                row.Model,
                row.Segment,
                row.K.ToString(CultureInfo.InvariantCulture),
                row.Users.ToString("N0", CultureInfo.InvariantCulture),
                Text(row.Recall),
                Interval(row.RecallInterval),
                Text(row.Ndcg), Interval(row.NdcgInterval), Text(row.Map), Text(row.Precision), Text(row.HitRate),
            }));
        Table(
            console,
            ["model", "activity, fewest purchases first", "users", "recall@10", "nDCG@10"],
            report.Rankings
                .Where(
                    row => row.Segment.StartsWith("activity", StringComparison.Ordinal)
                        && row.Model == report.Rankings[0].Model)
                .Select(
                    row => new[]
                    {
                        row.Model,
                        row.Segment[9..],
                        row.Users.ToString("N0", CultureInfo.InvariantCulture),
                        Text(row.Recall),
                        Text(row.Ndcg),
                    }));
        Table(
            console,
            ["model", "K", "coverage", "Gini"],
            report.Coverage.Select(
                row => new[]
                {
                    row.Model,
                    row.K.ToString(CultureInfo.InvariantCulture),
                    Text(row.Coverage),
                    Text(row.Gini),
                }));
    }

    private static void WriteProducts(IAnsiConsole console, TrainingReport report) => Table(
        console,
        [
            "users for a product", "products", "AUC mean", "median", "micro", "lift@1 %", "lift@5 %", "lift@10 %",
            "gain by tenths",
        ],
        report.ProductDirection.Select(row => new[]
        {
            row.Model,
            row.Products.ToString("N0", CultureInfo.InvariantCulture),
            Text(row.AucMean),
            Text(row.AucMedian),
            Text(row.AucMicro),
            row.Lift1.ToString("F2", CultureInfo.InvariantCulture),
            row.Lift5.ToString("F2", CultureInfo.InvariantCulture),
            row.Lift10.ToString("F2", CultureInfo.InvariantCulture),
            string.Join(' ', row.Gain.Select(gain => gain.ToString("F2", CultureInfo.InvariantCulture))),
        }));

    private static void WriteProbability(IAnsiConsole console, ProbabilityReport? probability, bool isCalibrated)
    {
        if (probability is null)
        {
            console.WriteLine(isCalibrated
                ? "Probabilities are calibrated but not checked: the window holds too few purchases to do both."
                : "No probability: the window holds too few purchases to calibrate.");
            return;
        }

        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Probability ({probability.Method}): base rate {probability.BaseRate:E3}, "
            + $"log-loss {probability.LogLoss:F6} (base rate alone {probability.BaseLogLoss:F6}), "
            + $"Brier {probability.Brier:F6}, ECE {probability.Ece:E3} = {probability.EceOfBaseRate:F3} x base rate"));
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Predicted / actual purchases {probability.PredictedOverActual:F3}; "
            + $"within 10 % for {probability.LargeProductsWithin10:P0} of {probability.LargeProducts} products with "
            + $"100 purchasers or more (at best {probability.LargeProductsLimit:P0}, with every true rate known); "
            + $"purchases grow as N^{probability.HorizonGrowth:F3}"));
        Table(
            console,
            ["reliability bin", "predicted", "observed"],
            probability.Bins.Select(
                (bin, i) => new[]
                {
                    (i + 1).ToString(CultureInfo.InvariantCulture),
                    bin.Predicted.ToString("F6", CultureInfo.InvariantCulture),
                    bin.Observed.ToString("F6", CultureInfo.InvariantCulture),
                }));
    }

    private static void Table(IAnsiConsole console, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(Markup.Escape(Printable.Of(column)));
        }

        foreach (var row in rows)
        {
            table.AddRow(Array.ConvertAll(row, cell => Markup.Escape(Printable.Of(cell))));
        }

        if (table.Rows.Count > 0)
        {
            console.Write(table);
        }
    }

    private static string Text(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    private static string Interval(double[] interval) => $"{Text(interval[0])} .. {Text(interval[1])}";
}
