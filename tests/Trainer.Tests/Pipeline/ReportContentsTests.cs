using System.Text.Json.Nodes;
using Engine.Reports;
using Engine.Snapshots;
using Tests.Shared;
using Trainer.Data.Generate;
using Trainer.Data.Progress;
using Trainer.Data.Running;
using Trainer.Models.Factors;
using Trainer.Pipeline;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>Everything that the report of a training has to hold, in its JSON and on its page.</summary>
public sealed class ReportContentsTests(ReportContentsTests.Trained trained)
    : IClassFixture<ReportContentsTests.Trained>
{
    private static readonly string[] Models = [
        "served",
        "als",
        "similarity",
        "popularity",
        "personal_frequency",
        "personal_then_global_frequency",
        "decayed_frequency",
    ];
    private static readonly int[] Lengths = [10, 20, 50];
    private static readonly string[] Shares = ["recall", "precision", "ndcg", "map", "hit_rate"];

    [Fact]
    public void It_counts_rows_at_each_stage_and_keeps_the_first_bad_ones()
    {
        var counts = trained.Json["counts"]!
            .AsArray()
            .ToDictionary(row => (string)row!["stage"]!, row => (long)row!["count"]!);
        string[] falling = [
            "behavior rows read",
            "behavior rows accepted",
            "behaviors in scope",
            "users in scope",
            "products in scope",
        ];
        Assert.Equal(falling.Select(stage => counts[stage]).OrderDescending(), falling.Select(stage => counts[stage]));
        Assert.All(falling, stage => Assert.True(counts[stage] > 0, stage));
        Assert.All(counts.Keys, stage => Assert.Contains($"<td>{stage}</td>", trained.Html, StringComparison.Ordinal));
        var repeated = counts["behavior rows kept that repeat an earlier one exactly"];
        Assert.Equal(
            repeated > 0,
            trained.Json["warnings"]!.AsArray().Any(
                warning => ((string)warning!).Contains(
                    $"{repeated} of {counts["behavior rows accepted"]:N0} behavior rows repeat an earlier row exactly",
                    StringComparison.Ordinal)));
        var rejected = trained.Json["rejected"]!.AsArray().Where(row => (long)row!["count"]! > 0).ToArray();
        Assert.Equal(
            counts["behavior rows read"] - counts["behavior rows accepted"] + counts["product rows read"]
            - counts["product rows accepted"],
            rejected.Where(row => ((string)row!["reason"]!).Contains(", rejected", StringComparison.Ordinal))
                .Sum(row => (long)row!["count"]!));
        Assert.All(rejected, row =>
        {
            var first = row!["examples"]![0]!;
            Assert.True((long)first["line"]! > 1);
            Assert.Contains($"<td>{row["reason"]}</td>", trained.Html, StringComparison.Ordinal);
            Assert.Contains($"{first["file"]}:{first["line"]} ", trained.Html, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void It_says_what_the_score_knows_of_demand()
    {
        var demand = trained.Json["demand"]!;
        double[] ndcg =
            [.. ((string[])["without", "served", "told"]).Select(name => (double)demand[$"{name}_ndcg_at_20"]!)];
        Assert.All(ndcg, value => Assert.InRange(value, 0.01, 1));
        Assert.True(ndcg[2] > ndcg[0], "being told the demand brings nothing");
        Assert.Contains("of the gap is closed", trained.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_says_the_scope_and_the_settings()
    {
        var scope = trained.Json["scope"]!;
        Assert.Equal(30, (int)scope["horizon_days"]!);
        foreach (var time in (JsonNode[])[
            scope["last_behavior_time"]!,
            scope["scope_start"]!,
            trained.Json["window_start"]!,
            trained.Json["window_end"]!,
        ])
        {
            Assert.Contains((string)time!, trained.Html, StringComparison.Ordinal);
        }

        var settings = trained.Json["settings"]!.AsObject();
        Assert.Equal("5", (string)settings["als.epochs"]!);
        Assert.Equal("0.1", (string)settings["als.tag_weight"]!);
        Assert.All(
            settings,
            setting => Assert.Contains(
                $"<td>{setting.Key}</td><td>{setting.Value}</td>", trained.Html, StringComparison.Ordinal));
        Assert.Equal(0.4, (double)trained.Json["behavior_weights"]!["favorite"]!, 6);
        Assert.Contains("<td>weight of a favorite</td><td>0.4</td>", trained.Html, StringComparison.Ordinal);
        var losses = trained.Json["losses"]!.AsArray().Select(loss => (double)loss!).ToArray();
        Assert.Equal(5, losses.Length);
        Assert.Equal(losses.OrderDescending(), losses);
        Assert.Contains("ALS loss after each epoch", trained.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_judges_lists_of_all_models_in_all_segments_with_intervals()
    {
        var rows = trained.Json["rankings"]!.AsArray();
        string[] parts = ["all", "repeat", "new", "tail"];
        var wanted = from model in Models
                     from part in (from part in parts from k in Lengths select (part, k)).Concat(
                         Enumerable.Range(1, 10).Select(tenth => ($"activity_{tenth}", 10)))
                     select (model, part.Item1, part.Item2);
        Assert.Equal(
            wanted.Order(),
            rows.Select(row => ((string)row!["model"]!, (string)row["segment"]!, (int)row["k"]!)).Order());
        foreach (var row in rows)
        {
            Assert.All(Shares, share => Assert.InRange((double)row![share]!, 0, 1));
            AssertHolds(row!["recall_interval"]!, (double)row["recall"]!);
            AssertHolds(row["ndcg_interval"]!, (double)row["ndcg"]!);
            Assert.True((int)row["users"]! > 0, $"{row["segment"]}");
            Assert.True((double)row["map"]! <= (double)row["recall"]! + 1e-12);
            Assert.True((double)row["hit_rate"]! >= (double)row["recall"]! - 1e-12);
            var cells =
                $"<td>{Text(row["ndcg"]!)} [{Text(row["ndcg_interval"]![0]!)}, {Text(row["ndcg_interval"]![1]!)}]</td>";
            Assert.Contains(
                parts.Contains((string)row["segment"]!)
                    ? $"{cells}<td>{Text(row["precision"]!)}</td><td>{Text(row["map"]!)}</td><td>{Text(row["hit_rate"]!)}</td>"
                    : cells,
                trained.Html,
                StringComparison.Ordinal);
        }

        Assert.True(
            rows.Single(row => (string)row!["model"]! == "served" && (string)row["segment"]! == "all"
                && (int)row["k"]! == 10)!["ndcg"]!.GetValue<double>() > 0.05);
        var holdout = trained.Json["holdout"]!;
        Assert.Equal(
            30,
            DateOnly.Parse((string)holdout["last_day"]!, null).DayNumber
            - DateOnly.Parse((string)holdout["first_day"]!, null).DayNumber + 1);
        Assert.Equal(
            rows.Where(row => (string)row!["segment"]! == "all").Select(row => (int)row!["users"]!).Distinct(),
            [(int)holdout["users"]!]);
        var deciles =
            rows.Where(
                row => (string)row!["model"]! == "served"
                    && ((string)row["segment"]!).StartsWith("activity", StringComparison.Ordinal));
        Assert.Equal((int)holdout["users"]!, deciles.Sum(row => (int)row!["users"]!));
    }

    [Fact]
    public void It_says_how_lists_spread()
    {
        var rows = trained.Json["coverage"]!.AsArray();
        Assert.Equal(
            (from model in Models from k in Lengths select (model, k)).Order(),
            rows.Select(row => ((string)row!["model"]!, (int)row["k"]!)).Order());
        foreach (var row in rows)
        {
            Assert.InRange((double)row!["coverage"]!, 0.01, 1);
            Assert.InRange((double)row["gini"]!, 0, 1);
            Assert.Contains(
                $"<td>{row["model"]}</td><td>{row["k"]}</td><td>{Text(row["coverage"]!)}</td><td>{Text(row["gini"]!)}</td>",
                trained.Html,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_judges_users_for_a_product_beside_a_baseline()
    {
        var rows = trained.Json["product_direction"]!.AsArray();
        Assert.Equal(["served", "purchases_of_product_then_of_anything"], rows.Select(row => (string)row!["model"]!));
        foreach (var row in rows)
        {
            string[] aucs = ["auc_mean", "auc_median", "auc_micro"], lifts = ["lift_1", "lift_5", "lift_10"];
            Assert.All(aucs, auc => Assert.InRange((double)row![auc]!, 0, 1));
            Assert.All(
                lifts.Zip([0.01, 0.05, 0.1]), lift => Assert.InRange((double)row![lift.First]!, 0, 1 / lift.Second));
            var gain = row!["gain_deciles"]!.AsArray().Select(share => (double)share!).ToArray();
            Assert.Equal(10, gain.Length);
            Assert.Equal(gain.Order(), gain);
            Assert.Equal(1, gain[^1], 9);
            Assert.Equal((double)row["lift_10"]!, gain[0] * 10, 9);
            Assert.Contains(
                string.Concat(aucs.Concat(lifts).Select(name => $"<td>{Text(row[name]!)}</td>")),
                trained.Html,
                StringComparison.Ordinal);
        }

        Assert.Contains("purchasers found, by share of users contacted", trained.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_judges_probabilities_beside_the_base_rate()
    {
        var probability = trained.Json["probability"]!;
        var baseRate = (double)probability["base_rate"]!;
        Assert.InRange(baseRate, 1e-4, 0.5);
        Assert.InRange((double)probability["log_loss"]!, 0, (double)probability["base_log_loss"]!);
        Assert.InRange((double)probability["brier"]!, 0, baseRate);
        Assert.Equal((double)probability["ece"]! / baseRate, (double)probability["ece_of_base_rate"]!, 6);
        var bins = probability["bins"]!.AsArray();
        Assert.Equal(20, bins.Count);
        Assert.Equal(
            bins.Select(bin => (double)bin!["predicted"]!).Order(), bins.Select(bin => (double)bin!["predicted"]!));
        Assert.All(bins, bin => Assert.InRange((double)bin!["observed"]!, 0, 1));
        Assert.Equal(baseRate, bins.Average(bin => (double)bin!["observed"]!), 0.1 * baseRate);
        foreach (var name in (string[])["base_rate", "log_loss", "base_log_loss", "brier", "ece"])
        {
            Assert.Contains(Text(probability[name]!), trained.Html, StringComparison.Ordinal);
        }

        Assert.Contains("Reliability, 20 bins of equal mass", trained.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_phrase_of_the_page_is_in_every_language()
    {
        var said = new HashSet<string>();
        foreach (var missing in (string[])["", "probability", "next_order"])
        {
            var report = trained.Json.DeepClone().AsObject();
            report[missing] = null;
            ReportPage.Body(report.ToJsonString(), phrase =>
            {
                said.Add(phrase);
                return phrase;
            });
        }

        Assert.Contains("How well it predicts", said);
        Assert.Contains("The data were too short to evaluate probabilities.", said);
        Assert.DoesNotContain(said, phrase => !ReportWords.Has("zh-Hans", phrase));
        Assert.Contains("预测效果", trained.Html, StringComparison.Ordinal);
        Assert.Contains("lang=\"zh-Hans\"", trained.Html, StringComparison.Ordinal);
    }

    private static void AssertHolds(JsonNode interval, double value)
    {
        Assert.Equal(2, interval.AsArray().Count);
        Assert.InRange(value, (double)interval[0]!, (double)interval[1]!);
    }

    private static string Text(JsonNode value) => SvgChart.Text((double)value);

    /// <summary>One small generated brand with bad rows, trained once.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        /// <summary>Trains.</summary>
        public Trained()
        {
            new BrandGenerator(new BrandSize("test", 600, 60, 8), 1, BrandKind.Mixed).Write(
                _folder.Path, "csv", dirty: true, NoProgress.Instance, CancellationToken.None);
            var options = new TrainOptions
            {
                Dataset = _folder.File("dataset.json"),
                Out = _folder.File("out"),
                AllowRejected = 1,
                Als = new AlsOptions { Factors = 8, Epochs = 5 },
            };
            var (id, _) = TrainingPipeline.Run(options, new RunContext());
            using var snapshot = new SnapshotDirectory(options.Out).Open(id);
            Json = JsonNode.Parse(ReportJson.Of(snapshot))!;
            Html = ReportPage.Of(ReportJson.Of(snapshot));
        }

        /// <summary>As <c>report --json</c> prints it.</summary>
        public JsonNode Json { get; }

        /// <summary>As <c>report --html</c> writes it.</summary>
        public string Html { get; }

        /// <inheritdoc/>
        public void Dispose() => _folder.Dispose();
    }
}
