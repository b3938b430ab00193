using System.Text.Json.Nodes;
using static Engine.Reports.ReportHtml;

namespace Engine.Reports;

/// <summary>How the model was made: rows at each stage, bad rows, score, settings, strongest pairs.</summary>
internal sealed class TrainingSection(JsonNode report, ReportHtml html)
{
    private const int MostFeatures = 20;

    public void Write()
    {
        html.Heading("Training");
        html.Table(
            "Rows and ids at each stage",
            ["stage", "count"],
            Rows("counts").Select(row => new[] { html.Say((string)row["stage"]!), Count(row["count"]) }));
        html.Table(
            "Rows with a problem",
            ["reason", "rows", "first"],
            Rows("rejected").Where(row => (long)row["count"]! > 0).Select(row => new[]
            {
                (string)row["reason"]!, Count(row["count"]), First(row["examples"]!.AsArray()),
            }));
        html.Lines(
            "ALS loss after each epoch",
            "epoch",
            (html.Say("loss"), [.. Rows("losses").Select((loss, i) => (i + 1.0, (double)loss))]));
        html.Folded("Score: candidates and features", () =>
        {
            html.Table(
                "Candidate scores",
                ["candidate score", "nDCG@20", "served"],
                Rows("candidates").Select(row => new[]
                {
                    (string)row["name"]!, Text(row["ndcg_at_20"]), (bool)row["served"]! ? "*" : "",
                }));
            html.Table(
                "Features",
                ["feature", "weight", "effect on the score"],
                Rows("features").Take(MostFeatures).Select(row => new[]
                {
                    (string)row["name"]!, Text(row["weight"]), Text(row["effect"]),
                }));
        });
        html.Folded("Settings", () => html.Table(
            "Settings of the training",
            ["setting", "value"],
            report["settings"]!.AsObject().Select(pair => new[] { pair.Key, (string)pair.Value! })
                .Concat(((string[])["view", "favorite", "cart", "purchase"]).Select(type => new[]
                {
                    html.Say($"weight of a {type}"), Text(report["behavior_weights"]![type]),
                }))
                .Append([
                    html.Say("half-life in the factors, days"), Text(report["behavior_weights"]!["half_life_days"]),
                ])
                .Append([
                    html.Say("half-life in the similarity, days"),
                    Text(report["preference"]!["history_half_life_days"]),
                ])));
        html.Folded("Strongest related pairs", () => html.Table(
            "Pairs that enough users purchased",
            ["product", "related", "strength", "partial correlation", "purchased both", "confidence", "lift"],
            Rows("related").Select(pair => new[]
            {
                $"{pair["product_name"]} ({pair["product_id"]})", $"{pair["related_name"]} ({pair["related_id"]})",
                Text(pair["strength"]), Text(pair["partial_correlation"]), $"{pair["support"]}",
                Text(pair["confidence"]), Text(pair["lift"]),
            })));
    }

    private IEnumerable<JsonNode> Rows(string key) => report[key]!.AsArray().OfType<JsonNode>();

    private static string First(JsonArray examples) => examples.Count == 0
        ? ""
        : $"{examples[0]!["file"]}:{examples[0]!["line"]} {examples[0]!["text"]}";
}
