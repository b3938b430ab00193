using System.Globalization;
using System.Text.Json.Nodes;
using static Engine.Reports.ReportHtml;

namespace Engine.Reports;

/// <summary>How well the model predicts: lists, users for a product, probabilities, next orders.</summary>
internal sealed class QualitySection(JsonNode report, ReportHtml html)
{
    private const string Served = "served";

    private static readonly (string Key, string Phrase)[] Figures =
    [
        ("method", "method"),
        ("base_rate", "base rate"),
        ("log_loss", "log-loss"),
        ("base_log_loss", "log-loss of the base rate"),
        ("brier", "Brier score"),
        ("ece", "calibration error"),
        ("ece_of_base_rate", "Calibration error / base rate"),
        ("predicted_over_actual", "predicted / actual purchases"),
        ("large_products", "products with 100 purchasers or more"),
        ("large_products_within_10", "of them predicted within 10 %"),
        ("large_products_within_10_limit", "of them within 10 % if every true rate were known"),
    ];

    // Every list by all customers, ten products long: the summary of the long table.
    private static bool IsSummary(JsonNode row) => (string)row["segment"]! == "all" && (int)row["k"]! == 10;

    private static bool IsActivity(JsonNode row) =>
        ((string)row["segment"]!).StartsWith("activity", StringComparison.Ordinal);

    private static double Ndcg(JsonNode row) => (double)row["ndcg"]!;

    public void Write()
    {
        JsonNode[] rankings = [.. report["rankings"]!.AsArray().OfType<JsonNode>()];
        if (report["holdout"] is { } holdout && rankings.Length > 0)
        {
            Lists(holdout, rankings);
            Users();
        }

        Probability();
        NextOrders();
    }

    private void Lists(JsonNode holdout, JsonNode[] rankings)
    {
        html.Heading("How well it predicts");
        html.Paragraph(string.Format(
            CultureInfo.InvariantCulture,
            html.Say(
                "Evaluated on {0} to {1}, unseen in training: {2} customers bought {3} customer-product pairs. Every "
                + "product is ranked. Brackets: 95 % bootstrap intervals over customers. Recall@K is the share of what "
                + "a customer bought in the window that the list of K products holds."),
            holdout["first_day"],
            holdout["last_day"],
            Count(holdout["users"]),
            Count(holdout["purchases"])));
        var served = rankings.First(row => IsSummary(row) && (string)row["model"]! == Served);
        html.Facts(
            ("nDCG@10, served", With(served["ndcg"], served["ndcg_interval"])),
            ("Recall@10, served", With(served["recall"], served["recall_interval"])),
            ("Calibration error / base rate", Text(report["probability"]?["ece_of_base_rate"]) is { Length: > 0 } text
                ? text
                : "–"));
        html.Table(
            "Lists of 10 products for all customers, best first",
            ["model", "nDCG", "recall", "hit rate"],
            rankings.Where(IsSummary).OrderByDescending(Ndcg).Select(row => new[]
            {
                (string)row["model"]!, With(row["ndcg"], row["ndcg_interval"]),
                With(row["recall"], row["recall_interval"]), Text(row["hit_rate"]),
            }));
        html.Folded("All models, segments and lengths", () => html.Table(
            "All models",
            ["model", "segment", "K", "customers", "recall", "nDCG", "precision", "MAP", "hit rate"],
            rankings.Where(row => !IsActivity(row)).Select(row => new[]
            {
                (string)row["model"]!, html.Say((string)row["segment"]!), Text(row["k"]), Text(row["users"]),
                With(row["recall"], row["recall_interval"]), With(row["ndcg"], row["ndcg_interval"]),
                Text(row["precision"]), Text(row["map"]), Text(row["hit_rate"]),
            })));
        string[] names = [.. rankings.Select(row => (string)row["model"]!).Distinct()];
        html.Bars(
            "nDCG@10: repeat against new products",
            "model",
            names,
            [.. ((string[])["repeat", "new"]).Select(segment => (html.Say(segment), names
                .Select(name => Ndcg(rankings.Single(row => (string)row["model"]! == name
                    && (string)row["segment"]! == segment && (int)row["k"]! == 10)))
                .ToArray()))]);
        html.Names(names);
        var deciles = rankings.Where(IsActivity).GroupBy(row => (string)row["segment"]!).ToArray();
        string[] tenths = [.. deciles.Select((_, i) => (i + 1).ToString(CultureInfo.InvariantCulture))];
        html.Bars(
            "Recall@10 by activity decile, least active first",
            "decile",
            tenths,
            [.. ((string[])[Served, names[^1]]).Select(name => (name, deciles
                .Select(decile => (double)decile.Single(row => (string)row["model"]! == name)["recall"]!)
                .ToArray()))]);
        html.Folded("By activity of the customers", () => html.Table(
            "nDCG@10 by activity decile",
            ["decile"],
            deciles.Zip(tenths, (decile, tenth) => (string[])[tenth, .. names
                .Select(name => decile.Single(row => (string)row["model"]! == name))
                .Select(row => With(row["ndcg"], row["ndcg_interval"]))]),
            names));
        html.Folded("How lists spread over the products", () => html.Table(
            "Diversity of lists",
            ["model", "K", "coverage", "Gini"],
            report["coverage"]!.AsArray().Select(row => new[]
            {
                (string)row!["model"]!, Text(row["k"]), Text(row["coverage"]), Text(row["gini"]),
            })));
        if (report["demand"] is { } demand)
        {
            Demand(demand);
        }
    }

    private void Demand(JsonNode demand)
    {
        var (without, served, told) = (
            (double)demand["without_ndcg_at_20"]!,
            (double)demand["served_ndcg_at_20"]!,
            (double)demand["told_ndcg_at_20"]!);
        var words = string.Format(
            CultureInfo.InvariantCulture,
            html.Say(
                "Demand, nDCG@20: {0} without the products' sales, {1} as served, {2} told how many customers purchase "
                + "each product in the window"),
            SvgChart.Text(without),
            SvgChart.Text(served),
            SvgChart.Text(told));
        html.Paragraph(told > without
            ? $"{words}: {string.Format(
                CultureInfo.InvariantCulture,
                html.Say("{0} % of the gap is closed"),
                Math.Round(100 * (served - without) / (told - without)))}"
            : words);
    }

    private void Users()
    {
        JsonNode[] rows = [.. report["product_direction"]!.AsArray().OfType<JsonNode>()];
        html.Lines(
            "Users for a product: purchasers found, by share of users contacted",
            "share of users",
            [.. rows.Select(row => (
                (string)row["model"]!,
                row["gain_deciles"]!.AsArray().Select((gain, i) => ((i + 1) / 10.0, (double)gain!))
                    .Prepend((0.0, 0.0)).ToArray()))]);
        html.Table(
            "Users for a product",
            ["model", "products", "AUC mean", "AUC median", "AUC micro", "lift@1 %", "lift@5 %", "lift@10 %"],
            rows.Select(row => new[]
            {
                (string)row["model"]!, Text(row["products"]), Text(row["auc_mean"]), Text(row["auc_median"]),
                Text(row["auc_micro"]), Text(row["lift_1"]), Text(row["lift_5"]), Text(row["lift_10"]),
            }));
    }

    private void Probability()
    {
        html.Heading("Probability");
        if (report["probability"] is not { } probability)
        {
            html.Paragraph(html.Say("The data were too short to evaluate probabilities."));
            return;
        }

        JsonNode[] bins = [.. probability["bins"]!.AsArray().OfType<JsonNode>()];
        html.Lines(
            "Reliability, 20 bins of equal mass",
            "predicted probability",
            (html.Say("observed"), [.. bins.Select(bin => ((double)bin["predicted"]!, (double)bin["observed"]!))]),
            (html.Say("perfect"), [.. bins.Select(bin => ((double)bin["predicted"]!, (double)bin["predicted"]!))]));
        html.Table(
            "Calibration",
            ["figure", "value"],
            Figures.Select(figure => (string[])[
                html.Say(figure.Phrase),
                probability[figure.Key] is JsonValue value && value.TryGetValue(out double number)
                    ? SvgChart.Text(number)
                    : $"{probability[figure.Key]}",
            ]));
    }

    private void NextOrders()
    {
        html.Heading("Next orders");
        if (report["next_order"] is not { } next)
        {
            html.Paragraph(html.Say("Next orders were not evaluated: the data hold too few, or too few days."));
            return;
        }

        html.Paragraph(string.Format(
            CultureInfo.InvariantCulture,
            html.Say("Evaluated on {0} to {1}: {2} of {3} customers ordered, {4} were predicted."),
            next["first_day"],
            next["last_day"],
            Count(next["buyers"]),
            Count(next["users"]),
            Count(next["predicted_buyers"])));
        html.Table(
            "Who orders; who buys a product again",
            ["subject", "model", "AUC", "log-loss", "precision"],
            next["rows"]!.AsArray().Select(row => new[]
            {
                html.Say((string)row!["subject"]!), (string)row["model"]!, Text(row["auc"]), Text(row["log_loss"]),
                Text(row["precision"]),
            }));
        html.Table(
            "Likely day of the next order",
            ["model", "mean error, days"],
            next["dates"]!.AsArray().Select(row => new[] { (string)row!["model"]!, Text(row["mean_days"]) }));
        html.Folded("By tenths of the probability", () => html.Table(
            "Probability of an order",
            ["tenth", "predicted", "observed"],
            next["bins"]!.AsArray().Select((bin, n) => new[]
            {
                (n + 1).ToString(CultureInfo.InvariantCulture), Text(bin!["predicted"]), Text(bin["observed"]),
            })));
    }
}
