using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using static Trainer.Reporting.SvgChart;

namespace Trainer.Reporting;

/// <summary>The report as one HTML file: no script, no font, no external resource.</summary>
public static class HtmlReport
{
    private const string Style = "body{font:15px/1.5 system-ui,sans-serif;max-width:1180px;margin:2em "
        + "auto;padding:0 1em;color:#222}"
        +
        "table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px "
        + "solid #ddd;text-align:right}"
            +
        "td:first-child,"
        + "th:first-child{text-align:left}figure{display:inline-block;width:560px;max-width:100%;margin:1em 1em "
        + "1em 0;vertical-align:top}"
            +
        "figcaption{font-weight:600}svg text{font:11px "
        + "system-ui,sans-serif;fill:#444}.legend{margin:0}.warning{background:#fff4d6;padding:.4em .8em}";

    /// <summary>The page of a snapshot.</summary>
    public static string Of(Snapshot snapshot)
    {
        var report = snapshot.Report;
        var scope = snapshot.Manifest.Scope;
        var html = new StringBuilder();
        html.Append(
            CultureInfo.InvariantCulture,
            $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Training report "
            + $"{Escape(snapshot.Id)}</title><style>{Style}</style></head><body>");
        html.Append(
            CultureInfo.InvariantCulture,
            $"<h1>Training report</h1><p>Snapshot <b>{Escape(snapshot.Id)}</b>: "
            + $"behavior from {Escape(scope.ScopeStart)} to {Escape(scope.LastBehaviorTime)}, "
            + $"predicts {scope.WindowStart:yyyy-MM-dd} .. {scope.WindowEnd:yyyy-MM-dd}. "
            + $"{snapshot.Manifest.UserCount:N0} users, {snapshot.Manifest.ProductCount:N0} products.</p>");
        var verdict = ReportVerdict.Of(report).Select(sentence => $"<li>{Escape(sentence.Text)}</li>");
        html.Append(CultureInfo.InvariantCulture, $"<ul class=\"verdict\">{string.Concat(verdict)}</ul>");
        foreach (var warning in report.Warnings)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">{Escape(warning)}</p>");
        }

        Quality(html, report);
        if (report.Demand is { } demand)
        {
            html.Append($"<p>{Escape(TextReport.DemandInWords(demand))}</p>");
        }

        Probability(html, report.Probability);
        html.Append(
            CultureInfo.InvariantCulture,
            $"<h2>Next orders</h2><p>{Escape(NextOrderTables.Sentence(snapshot))}</p>");
        foreach (var (columns, rows) in NextOrderTables.Of(snapshot))
        {
            Table(html, columns, rows);
        }

        html.Append("<h2>Training</h2>");
        html.Append(
            Lines(
                "ALS loss after each epoch",
                "epoch",
                ("loss", [.. report.Losses.Select((loss, i) => (i + 1.0, loss))])));
        Table(
            html,
            ["candidate score", "nDCG@20", "served"],
            report.Candidates.Select(row => new[] { row.Name, Text(row.Ndcg), row.Served ? "yes" : "" }));
        Table(
            html,
            ["feature", "weight", "effect on the score"],
            report.Features.Take(20).Select(row => new[] { row.Name, Text(row.Weight), Text(row.Effect) }));
        Table(
            html,
            ["stage", "count"],
            report.Counts.Select(row => new[] { row.Stage, row.Count.ToString("N0", CultureInfo.InvariantCulture) }));
        Table(
            html,
            ["rows with a problem", "rows", "first"],
            report.Rejected.Where(row => row.Count > 0).Select(
                row => new[] { row.Reason, row.Count.ToString("N0", CultureInfo.InvariantCulture), First(row) }));
        Table(
            html,
            ["setting", "value"],
            snapshot.Manifest.Settings
                .Select(pair => new[] { pair.Key, pair.Value })
                .Concat(Weights(snapshot.Manifest)));
        html.Append(
            CultureInfo.InvariantCulture,
            $"<h2>Top related pairs</h2><p>Pairs that {RelatedFigures.DefaultMinSupport} users or more purchased.</p>");
        Table(
            html,
            ["product", "related", "strength", "partial correlation", "purchased both", "confidence", "lift"],
            Related(snapshot));
        return html.Append("</body></html>\n").ToString();
    }

    private static void Quality(StringBuilder html, TrainingReport report)
    {
        if (report.Holdout is not { } holdout || report.Rankings.Length == 0)
        {
            return;
        }

        html.Append(
            CultureInfo.InvariantCulture,
            $"<h2>How well it predicts</h2><p>Evaluated on {Escape(holdout.FirstDay)} .. {Escape(holdout.LastDay)}, "
            + $"unseen in training: {holdout.Users:N0} customers bought {holdout.Purchases:N0} customer-product pairs. "
            + $"Every product is ranked. Brackets: 95 % bootstrap intervals over "
            + $"users.</p><p>{Escape(ReportVerdict.RecallInWords)}</p>");
        var served = report.Rankings[0].Model;
        html.Append("<details><summary>All models, segments and lengths</summary>");
        Table(html, [
            "model", "segment", "K", "users", "recall", "nDCG", "precision", "MAP", "hit rate",
        ], report.Rankings
            .Where(row => !row.Segment.StartsWith("activity", StringComparison.Ordinal))
            .Select(
                row =>
                    new[]
                    {
                        row.Model,
                        row.Segment,
                        Text(row.K),
                        Text(row.Users),
                        With(row.Recall, row.RecallInterval),
                        With(row.Ndcg, row.NdcgInterval),
                        Text(row.Precision),
                        Text(row.Map),
                        Text(row.HitRate),
                    }));
        html.Append("</details>");
        var names = report.Rankings.Select(row => row.Model).Distinct().ToArray();
        html.Append(Bars("nDCG@10: "
            + "repeat against new products", names, [.. ((string[])["repeat", "new"]).Select(segment =>
            (
                segment,
                names.Select(
                    name =>
                        report.Rankings.Single(row => row.Model == name && row.Segment == segment && row.K == 10).Ndcg)
                    .ToArray()))]));
        Table(html, ["nDCG@10 by activity decile", .. names], report.Rankings
            .Where(row => row.Segment.StartsWith("activity", StringComparison.Ordinal)).GroupBy(row => row.Segment)
            .Select(
                decile =>
                    (string[])[decile.Key, .. names
                        .Select(name => decile.Single(row => row.Model == name))
                        .Select(row => With(row.Ndcg, row.NdcgInterval))]));
        var deciles = Enumerable.Range(1, 10).Select(tenth => $"activity_{tenth}").ToArray();
        html.Append(Bars("Recall@10 by activity decile, least active first", [
            .. Enumerable.Range(1, 10).Select(tenth => tenth.ToString(CultureInfo.InvariantCulture)),
        ], [.. ((string[])[served, names[^1]]).Select(name =>
            (name, deciles
                .Select(decile => report.Rankings.Single(row => row.Model == name && row.Segment == decile).Recall)
                .ToArray()))]));
        html.Append(Lines(
            "Users for a product: purchasers found, by share of users contacted",
            "share of users",
            [.. report.ProductDirection.Select(row =>
                (row.Model, row.Gain.Select((gain, i) => ((i + 1) / 10.0, gain)).Prepend((0.0, 0.0)).ToArray()))]));
        Table(html, [
            "users for a product", "products", "AUC mean", "AUC median", "AUC micro", "lift@1 %", "lift@5 %",
            "lift@10 %",
        ], report.ProductDirection.Select(row =>
            new[]
            {
                row.Model, Text(row.Products), Text(row.AucMean), Text(row.AucMedian), Text(row.AucMicro),
                Text(row.Lift1), Text(row.Lift5), Text(row.Lift10),
            }));
        Table(
            html,
            ["diversity of lists", "K", "coverage", "Gini"],
            report.Coverage.Select(row => new[] { row.Model, Text(row.K), Text(row.Coverage), Text(row.Gini) }));
    }

    private static void Probability(StringBuilder html, ProbabilityReport? probability)
    {
        if (probability is null)
        {
            return;
        }

        html.Append(
            CultureInfo.InvariantCulture,
            $"<h2>Probability</h2><p>Method {Escape(probability.Method)}; base rate {Text(probability.BaseRate)}; "
            + $"log-loss {Text(probability.LogLoss)} (base rate alone {Text(probability.BaseLogLoss)}); "
            + $"Brier {Text(probability.Brier)}; expected calibration error {Text(probability.Ece)} = "
            + $"{Text(probability.EceOfBaseRate)} of the base rate. "
            + $"Predicted / actual purchases {Text(probability.PredictedOverActual)}; "
            + $"within 10 % for {probability.LargeProductsWithin10:P0} of {probability.LargeProducts} products with "
            + $"100 purchasers or more (at best {probability.LargeProductsLimit:P0}, with every true rate known).</p>");
        html.Append(Lines(
            "Reliability, 20 bins of equal mass",
            "predicted probability",
            ("observed", [.. probability.Bins.Select(bin => (bin.Predicted, bin.Observed))]),
            ("perfect", [.. probability.Bins.Select(bin => (bin.Predicted, bin.Predicted))])));
    }

    private static IEnumerable<string[]> Related(Snapshot snapshot) =>
        from pair in JsonNode.Parse(ReportJson.Of(snapshot))!["related"]!.AsArray()
        select new[]
        {
            $"{pair!["product_name"]} ({pair["product_id"]})",
            $"{pair["related_name"]} ({pair["related_id"]})",
            Text((double)pair["strength"]!),
            pair["partial_correlation"] is { } partial ? Text((double)partial) : "",
            $"{pair["support"]}",
            Text((double)pair["confidence"]!),
            Text((double)pair["lift"]!),
        };

    private static IEnumerable<string[]> Weights(SnapshotManifest manifest) =>
    [
        ["weight of a view", Text(manifest.Weights.View)],
        ["weight of a favorite", Text(manifest.Weights.Favorite)],
        ["weight of a cart", Text(manifest.Weights.Cart)],
        ["weight of a purchase", Text(manifest.Weights.Purchase)],
        ["half-life in the factors, days", Text(manifest.Weights.HalfLifeDays)],
        ["half-life in the similarity, days", Text(manifest.Preference.HistoryHalfLifeDays)],
    ];

    private static string First(RejectedRows row) =>
        row.Examples.Length == 0 ? "" : $"{row.Examples[0].File}:{row.Examples[0].Line} {row.Examples[0].Text}";

    private static string With(double value, double[] interval) =>
        $"{Text(value)} [{Text(interval[0])}, {Text(interval[1])}]";

    private static void Table(StringBuilder html, string[] columns, IEnumerable<string[]> rows)
    {
        var body = string.Concat(
            rows.Select(row => $"<tr>{string.Concat(row.Select(cell => $"<td>{Escape(cell)}</td>"))}</tr>"));
        if (body.Length > 0)
        {
            var head = string.Concat(columns.Select(column => $"<th>{Escape(column)}</th>"));
            html.Append(CultureInfo.InvariantCulture, $"<table><tr>{head}</tr>{body}</table>");
        }
    }
}
