using Engine.Reports;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

/// <summary>The verdict of a report follows its figures, one sentence at a time.</summary>
public sealed class ReportVerdictTests
{
    [Theory]
    [InlineData(
        0.31, 0.40, "Trust it for lists of products for each customer, because nDCG@10 is 0.3500 [0.3100, 0.4000]")]
    [InlineData(
        0.29,
        0.40,
        "Do not use it for lists of products for each customer as an improvement on a simple rule, because")]
    public void Lists_are_trusted_when_the_intervals_do_not_overlap(double low, double high, string expected)
    {
        var verdict = ReportVerdict.Of(Report(0.35, [low, high], users: 500));
        Assert.Contains(
            verdict,
            sentence => sentence.Text.StartsWith(expected, StringComparison.Ordinal)
                && sentence.Trust == expected.StartsWith("Trust", StringComparison.Ordinal));
        Assert.Contains(
            verdict,
            sentence => sentence.Text.Contains(
                "the best simple rule (popularity) 0.2500 [0.2000, 0.3000], over 500 customers",
                StringComparison.Ordinal));
    }

    [Fact]
    public void A_rule_that_is_as_good_is_named_and_a_small_window_is_said()
    {
        var verdict = ReportVerdict.Of(Report(0.2, [0.15, 0.22], users: 99));
        Assert.Contains(
            verdict,
            sentence => !sentence.Trust && sentence.Text.EndsWith("; the rule is as good.", StringComparison.Ordinal));
        Assert.Equal(
            "Do not use it for decisions by these figures, because only 99 customers purchased in "
            + "the evaluated window; expected 100 or more.",
            verdict[0].Text);
    }

    [Fact]
    public void The_best_rule_is_looked_for_among_all_rules()
    {
        var report = Report(0.35, [0.31, 0.4], users: 500);
        var rule = Row("decayed_frequency", 0.33, [0.28, 0.36], 500);
        Assert.Contains(
            ReportVerdict.Of(report with { Rankings = [.. report.Rankings, rule] }),
            sentence => !sentence.Trust && sentence.Text.Contains(
                "the best simple rule (decayed_frequency) 0.3300 [0.2800, 0.3600]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(99, "Do not use it for customers with few purchases, because", "expected 100 customers or more.")]
    [InlineData(100, "Trust it for customers with few purchases too, because", "over 100 customers.")]
    public void Few_of_the_least_active_customers_decide_nothing(int users, string start, string end)
    {
        var report = Report(0.35, [0.31, 0.4], users: 1000);
        var least = Row("served", 0.2, [0.1, 0.3], users) with { Segment = "activity_1" };
        var sentence = Assert.Single(
            ReportVerdict.Of(report with { Rankings = [.. report.Rankings, least] }),
            sentence => sentence.Text.Contains("customers with few purchases", StringComparison.Ordinal));
        Assert.StartsWith(start, sentence.Text, StringComparison.Ordinal);
        Assert.EndsWith(end, sentence.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.05, 0.08, 0.9, true)]
    [InlineData(1.15, 0.08, 0.9, false)]
    [InlineData(1.05, 0.12, 0.9, false)]
    [InlineData(1.05, 0.08, 1.1, false)]
    public void Probabilities_are_trusted_within_ten_percent(double predicted, double error, double loss, bool trusted)
    {
        var report = Report(0.35, [0.31, 0.4], users: 500) with
        {
            Probability = new ProbabilityReport(
                "isotonic", 1000, 0.9, 0.01, loss, 1, 0.009, error / 100, error, [], 3, 1, 1, predicted),
        };
        Assert.Contains(
            ReportVerdict.Of(report),
            sentence => sentence.Trust == trusted
                && sentence.Text.Contains("for probabilities and expected numbers", StringComparison.Ordinal));
    }

    [Fact]
    public void A_report_without_an_evaluation_says_so_and_the_text_and_json_have_the_sentences()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = RandomSnapshot.Open(RandomSnapshot.Content(seed: 1), folder);
        var sentence = Assert.Single(ReportVerdict.Of(snapshot.Report));
        Assert.StartsWith(
            "Do not use it for decisions yet, because nothing was evaluated", sentence.Text, StringComparison.Ordinal);
        Assert.Contains("nothing was evaluated", ReportJson.Of(snapshot), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_phrase_is_in_every_language_of_the_reports()
    {
        var good = Report(0.35, [0.31, 0.4], users: 500);
        var served = new ProductDirectionRow("served", 9, 9, 0.8, 0.8, 0.8, 3, 3, 3, []);
        var probability =
            new ProbabilityReport("isotonic", 1000, 0.9, 0.01, 0.9, 1, 0.009, 0.001, 0.08, [], 3, 1, 1, 1);
        var least = Row("served", 0.2, [0.1, 0.3], 100) with { Segment = "activity_1" };
        TrainingReport[] reports =
        [
            good,
            good with { Holdout = null },
            Report(0.35, [0.29, 0.4], users: 500),
            Report(0.2, [0.15, 0.22], users: 99),
            good with
            {
                Rankings =
                    [.. Report(0.35, [0.29, 0.4], users: 500).Rankings.Select(row => row with { Segment = "new" })],
            },
            good with
            {
                Rankings = [.. good.Rankings, .. good.Rankings.Select(row => row with { Segment = "new" }), least],
            },
            good with { Rankings = [.. good.Rankings, least with { Users = 99 }] },
            good with { Rankings = [.. good.Rankings, least with { RecallInterval = [0, 0.3] }] },
            good with { ProductDirection = [served, served with { Model = "rule", Lift10 = 2, AucMean = 0.7 }] },
            good with { ProductDirection = [served, served with { Model = "rule" }] },
            good with { Probability = probability },
            good with { Probability = probability with { EceOfBaseRate = 0.2 } },
        ];
        var sentences = reports.SelectMany(ReportVerdict.Of).ToArray();
        string[] phrases =
        [
            "Trust it for {0}, because {1}.", "Do not use it for {0}, because {1}.", "{0}; {1}",
            .. sentences.Select(sentence => sentence.Use),
            .. sentences.SelectMany(sentence => sentence.Because).Select(reason => reason.Format),
        ];
        Assert.Equal(28, phrases.Distinct().Count());
        Assert.DoesNotContain(phrases, phrase => !ReportWords.Has("zh-Hans", phrase));
    }

    private static TrainingReport Report(double ndcg, double[] interval, int users) => new()
    {
        Counts = [],
        Rejected = [],
        Warnings = [],
        Losses = [],
        Metrics = [],
        Holdout = new HoldoutFacts("2021-07-01", "2021-07-30", users, 1000),
        Rankings = [
            Row("served", ndcg, interval, users),
            Row("popularity", 0.25, [0.2, 0.3], users),
            Row("personal_frequency", 0.1, [0.05, 0.5], users),
        ],
    };

    private static RankingRow Row(string model, double ndcg, double[] interval, int users) =>
        new(model, "all", 10, users, 0.3, 0.1, ndcg, 0.1, 0.5, [0.2, 0.4], interval);
}
