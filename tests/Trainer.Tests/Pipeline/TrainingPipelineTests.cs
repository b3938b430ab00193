using Engine;
using Engine.Scoring.Checking;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Tests.Shared;
using Trainer.Data.Progress;
using Trainer.Data.Running;
using Trainer.Models.Factors;
using Trainer.Models.Similarity;
using Trainer.Pipeline;
using Trainer.Pipeline.Evaluation;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

public class TrainingPipelineTests
{
    [Fact]
    public void One_and_two_threads_publish_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var dataset = TinyBrand.Write(folder);
        var ids = new List<string>();
        foreach (var threads in (int[])[1, 2])
        {
            var options = Options(dataset, folder.File($"out-{threads}"));
            ids.Add(Train(options, threads));
        }

        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(
            File.ReadAllBytes(new SnapshotDirectory(folder.File("out-1")).FilePath(ids[0])),
            File.ReadAllBytes(new SnapshotDirectory(folder.File("out-2")).FilePath(ids[1])));
    }

    [Fact]
    public void Another_seed_publishes_other_bytes()
    {
        using var folder = new TemporaryFolder();
        var options = Options(TinyBrand.Write(folder), folder.File("out"));
        Assert.NotEqual(Train(options), Train(options with { Als = options.Als with { Seed = 2 } }));
    }

    [Fact]
    public void The_snapshot_says_what_it_was_trained_on()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = TrainAndOpen(folder);
        var scope = snapshot.Manifest.Scope;
        Assert.Equal("2021-08-01T12:00:00", scope.LastBehaviorTime);
        Assert.Equal("2020-08-01", scope.ScopeStart);
        Assert.Equal((new DateOnly(2021, 8, 2), new DateOnly(2021, 8, 31)), (scope.WindowStart, scope.WindowEnd));
        Assert.Equal("2021-07-03", snapshot.Report.Holdout!.FirstDay);
        Assert.Equal("2021-08-01", snapshot.Report.Holdout.LastDay);
        Assert.Equal(7, snapshot.Report.Metrics.Length);
        Assert.Equal(snapshot.Report.Losses.OrderDescending(), snapshot.Report.Losses);
        Assert.Equal(snapshot.Report.Features.OrderByDescending(row => row.Effect), snapshot.Report.Features);
        Assert.Contains("purchase_days", snapshot.Report.Features.Select(row => row.Name));
        Assert.Equal(FeatureLayout.UserNames.Length, PairFeatures.UserFeatureCount);
        Assert.Equal(
            new FeatureLayout([BehaviorType.View, BehaviorType.Purchase]).Names.Distinct().Count(),
            new FeatureLayout([BehaviorType.View, BehaviorType.Purchase]).Count);
        var product = snapshot.ProductIds.Find("P3");
        Assert.Equal("Product 3", snapshot.ProductNames.Get(product));
        Assert.Equal("Coffee", snapshot.Tags[0].Words.Get(snapshot.Tags[0].Codes[product]));
        Assert.Equal(3.5, snapshot.Tags[2].Numbers[product]);
        Assert.Equal(("launched", "Launch date"), (snapshot.Tags[3].Column.Column, snapshot.Tags[3].Column.Alias));
        Assert.Equal(new DateTime(2020, 1, 4), DateTime.UnixEpoch.AddMicroseconds(snapshot.Tags[3].Times[product]));
    }

    [Fact]
    public void The_snapshot_holds_answers_and_the_engine_gives_them_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = TrainAndOpen(folder);
        using var model = new ScoringModel(snapshot);
        var answers = snapshot.Known!.Answers;
        Assert.Equal(
            Enum.GetValues<KnownQuestion>(), answers.Select(answer => answer.Question).Distinct().Order());
        Assert.True(answers.Count(answer => answer.Question == KnownQuestion.User) >= 24);
        Assert.All(
            answers.Where(answer => answer.Question == KnownQuestion.User),
            answer => Assert.Equal(Math.Min(10, snapshot.Manifest.ProductCount), answer.Found.Length));
        Assert.Equal(new KnownAnswerResult(answers.Length, Rounded: 0, Skipped: 0), KnownAnswerCheck.Run(model));
    }

    [Fact]
    public void Stored_users_are_what_the_engine_makes_of_their_histories()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = TrainAndOpen(folder);
        using var model = new ScoringModel(snapshot);
        var foldIn = new FoldIn(snapshot);
        var builder = new ProfileBuilder(model.ProfileTables);
        for (var user = 0; user < snapshot.Manifest.UserCount; user++)
        {
            builder.Begin();
            var history = snapshot.History.Row(user);
            for (var i = 0; i < history.Count; i++)
            {
                builder.Add(history.Product(i), (BehaviorType)history.Type(i), snapshot.ScopeDays - history.Day(i));
            }

            builder.Finish(snapshot.ProductRepeat.AsSpan());
            Assert.Equal(snapshot.Derived.Profile.Row(user).Values, builder.Row.Weights.Values);
            Assert.Equal(snapshot.Derived.ProfileHistory.Row(user).Values, builder.Row.History.Values);
            Assert.Equal(snapshot.Derived.ProfileOwn.Row(user).Values, builder.Row.Own.Values);
            Assert.Equal(
                snapshot.UserFactors[user][..snapshot.UserFactors.Columns],
                foldIn.Solve(builder.Row.Weights, builder.UserRate)[..snapshot.UserFactors.Columns]);
        }
    }

    [Fact]
    public void The_served_answers_know_the_users_taste()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = TrainAndOpen(folder);
        using var model = new ScoringModel(snapshot);
        var answer = new RecommendAnswer();
        var right = 0;
        for (var user = 0; user < snapshot.Manifest.UserCount; user++)
        {
            var id = snapshot.UserIds.Get(user);
            Recommender.Recommend(model, new RecommendQuery { UserId = id, TopK = 5 }, answer);
            foreach (var product in answer.Products)
            {
                right += int.Parse(snapshot.ProductIds.Get(product.Product.Value)[1..]) % 2 == int.Parse(id[1..]) % 2
                    ? 1
                    : 0;
            }
        }

        Assert.Equal(5 * snapshot.Manifest.UserCount, right);
    }

    [Fact]
    public void Probabilities_grow_with_the_horizon_and_the_scores_stay()
    {
        using var folder = new TemporaryFolder();
        var options = Options(TinyBrand.Write(folder, users: 150), folder.File("out"));
        var snapshots = Array.ConvertAll(
            (int[])[15, 30, 60, 90],
            horizon => new SnapshotDirectory(options.Out).Open(Train(options with { Horizon = horizon })));
        var models = Array.ConvertAll(snapshots, snapshot => new ScoringModel(snapshot));
        AssertChancesGrow(models, step: 7);
        Array.ForEach(models, model => model.Dispose());
    }

    /// <summary>Models of growing horizons: every pair's score is the same in all, and its probability grows.</summary>
    internal static void AssertChancesGrow(ScoringModel[] models, int step)
    {
        var manifest = models[0].Snapshot.Manifest;
        for (var user = 0; user < manifest.UserCount; user += step)
        {
            for (var product = 0; product < manifest.ProductCount; product++)
            {
                var scores = Array.ConvertAll(
                    models, model => PairScorer.Score(model, new UserOrdinal(user), new ProductOrdinal(product)));
                Assert.Single(scores.Distinct());
                var chances = models
                    .Select((model, n) => CalibratedScores.Probability(model.Snapshot, scores[n])!.Value)
                    .ToArray();
                Assert.Equal(chances.Order(), chances);
                Assert.Equal(models.Length, chances.Distinct().Count());
            }
        }
    }

    [Fact]
    public void A_statistical_tag_never_becomes_a_feature()
    {
        var learned = new List<(SectionKind Kind, int Index, uint Crc)[]>();
        foreach (var factor in (double[])[1, 1000])
        {
            using var folder = new TemporaryFolder();
            var options = Options(TinyBrand.Write(folder), folder.File("out")) with { Rerank = true };
            folder.Write(
                "dataset.json",
                File.ReadAllText(options.Dataset).Replace(
                    "\"type\": \"number\"", "\"type\": \"number\", \"statistical\": true", StringComparison.Ordinal));
            var products = File.ReadAllLines(folder.File("product.csv"));
            File.WriteAllLines(
                folder.File("product.csv"),
                products.Select((line, n) => n == 0 ? line : Times(line.Split(','), 4, factor)));
            using var snapshot = new SnapshotDirectory(options.Out).Open(Train(options));
            Assert.True(snapshot.Tags[2].Column.Statistical);
            Assert.Equal(3.5 * factor, snapshot.Tags[2].Numbers[snapshot.ProductIds.Find("P3")]);
            learned.Add(
                [.. snapshot.Sections
                    .Where(section => section.Kind != SectionKind.TagNumbers)
                    .Select(section => (section.Kind, section.Index, section.Crc))]);
        }

        // Whatever its values, every other section keeps its bytes.
        Assert.Equal(learned[0], learned[1]);
    }

    [Fact]
    public void A_re_ranker_is_judged_beside_the_score_and_kept_only_if_it_wins()
    {
        using var folder = new TemporaryFolder();
        var dataset = TinyBrand.Write(folder, users: 150);
        var ids = new List<string>();
        foreach (var threads in (int[])[1, 2])
        {
            var options = Options(dataset, folder.File($"out-{threads}"));
            ids.Add(Train(options with { Rerank = true }, threads));
        }

        Assert.Equal(ids[0], ids[1]);
        using var snapshot = new SnapshotDirectory(folder.File("out-1")).Open(ids[0]);
        var verdict = snapshot.Report.Warnings.Where(
            warning => warning.Contains("the re-ranker does not beat", StringComparison.Ordinal));
        Assert.Contains("re_ranked", snapshot.Report.Metrics.Select(row => row.Model));
        Assert.Equal(snapshot.Manifest.Reranker is null ? 1 : 0, verdict.Count());
        Assert.Equal(snapshot.Manifest.Reranker is null, snapshot.Reranker.Length == 0);
    }

    [Fact]
    public void The_report_is_text_json_and_a_page_that_needs_nothing_else()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = TrainAndOpen(folder);
        using var json = System.Text.Json.JsonDocument.Parse(Engine.Snapshots.ReportJson.Of(snapshot));
        Assert.Equal(snapshot.Id, json.RootElement.GetProperty("snapshot_id").GetString());
        var keys = File.ReadAllText(Path.Combine(TestData.Root, "trainer", "REPORT.md"));
        Assert.All(
            json.RootElement.EnumerateObject(),
            key => Assert.Contains($"`{key.Name}`", keys, StringComparison.Ordinal));
        var html = Engine.Reports.ReportPage.Of(Engine.Snapshots.ReportJson.Of(snapshot));
        Assert.Contains("Recall@10 by activity decile", html, StringComparison.Ordinal);
        Assert.Contains("Reliability", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        System.Xml.Linq.XDocument.Parse(
            html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
                .Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(9, 30, "at least 10")]
    [InlineData(16, 14, "15 to 90")]
    [InlineData(16, 91, "15 to 90")]
    public void What_cannot_be_trained_is_refused_and_nothing_is_published(int products, int horizon, string message)
    {
        using var folder = new TemporaryFolder();
        var options =
            Options(TinyBrand.Write(folder, products: products), folder.File("out")) with { Horizon = horizon };
        var error = Assert.Throws<InputException>(() => Train(options));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(options.Out));
    }

    [Fact]
    public void A_stopped_training_goes_on_from_its_checkpoint_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var dataset = TinyBrand.Write(folder);
        var whole = Options(dataset, folder.File("whole"));
        var options = Options(dataset, folder.File("stopped"));
        var checkpoints = Path.Combine(new SnapshotDirectory(options.Out).Path, "CHECKPOINTS");
        using var stop = new CancellationTokenSource();
        var stopped = new FinalFit { At = 2, Then = stop.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(
            () => TrainingPipeline.Run(options, new RunContext { Progress = stopped, Cancel = stop.Token }));
        Assert.NotEmpty(Directory.GetFiles(checkpoints));
        var resumed = new FinalFit();
        var (id, _) = TrainingPipeline.Run(options, new RunContext { Progress = resumed });
        Assert.InRange(resumed.First, 2, options.Als.Epochs);
        Assert.Empty(Directory.GetFiles(checkpoints));
        Assert.Equal(Train(whole), id);
        Assert.Equal(BytesOf(whole, id), BytesOf(options, id));

        static byte[] BytesOf(TrainOptions options, string id) =>
            File.ReadAllBytes(Directory.GetFiles(new SnapshotDirectory(options.Out).Path, id + "*").Single());
    }

    [DataFact("retail-2010")]
    public void On_real_orders_the_served_score_beats_every_baseline()
    {
        using var folder = new TemporaryFolder();
        var data = TestData.Folder("retail-2010");
        var dataset = folder.Write("dataset.json", $$"""
            { "behavior": { "files": ["{{data}}/behavior.csv.gz"], "user_id": "user_id", "product_id": "product_id", "type": "behavior_type",
                            "time": "behavior_time", "count": "count", "types": { "buy": "purchase" } },
              "product": { "files": ["{{data}}/product.csv.gz"], "product_id": "product_id", "product_name": "description" } }
            """);
        var (_, report) = TrainingPipeline.Run(
            new TrainOptions { Dataset = dataset, Out = folder.File("out") }, new RunContext());
        var served = report.Metrics.Single(row => row.Model == HoldoutEvaluation.Served);
        Assert.Equal("full", report.Candidates.Single(row => row.Served).Name);
        Assert.NotNull(report.Demand);
        Assert.All(report.Metrics.Where(row => row != served), row =>
        {
            Assert.True(served.RecallAt10 > row.RecallAt10 && served.RecallAt20 > row.RecallAt20, row.ToString());
            Assert.True(served.NdcgAt10 > row.NdcgAt10 && served.NdcgAt20 > row.NdcgAt20, row.ToString());
        });
        var baselines = report.Metrics.Where(row => HoldoutEvaluation.Baselines.Contains(row.Model)).ToArray();
        Assert.True(served.NdcgAt10 >= 1.12 * baselines.Max(row => row.NdcgAt10), $"{served}");
        Assert.True(served.RecallAt10 >= 1.1 * baselines.Max(row => row.RecallAt10), $"{served}");
        Assert.True(report.Probability!.EceOfBaseRate <= 0.1, $"{report.Probability.EceOfBaseRate}");
        Assert.True(
            report.ProductDirection[0].Lift10 > report.ProductDirection[1].Lift10, $"{report.ProductDirection[0]}");
        Assert.Equal(4239, report.Counts.Single(row => row.Stage == "users in scope").Count);
    }

    private static string Times(string[] cells, int place, double factor)
    {
        cells[place] =
            (double.Parse(cells[place], System.Globalization.CultureInfo.InvariantCulture) * factor).ToString(
                System.Globalization.CultureInfo.InvariantCulture);
        return string.Join(',', cells);
    }

    private static Snapshot TrainAndOpen(TemporaryFolder folder)
    {
        var options = Options(TinyBrand.Write(folder), folder.File("out"));
        return new SnapshotDirectory(options.Out).Open(Train(options));
    }

    private static string Train(TrainOptions options, int threads = 2) =>
        TrainingPipeline.Run(options, new RunContext { Threads = threads }).Id;

    private static TrainOptions Options(string dataset, string output) => new()
    {
        Dataset = dataset,
        Out = output,
        Als = new AlsOptions { Factors = 8, Epochs = 5 },
        Similarity = new SimilarityOptions { Neighbors = 5 },
    };

    // The first epoch that the last fit reports, and what to do at another one.
    private sealed class FinalFit : IProgressReporter
    {
        public int First { get; private set; }

        public int At { get; init; }

        public Action Then { get; init; } = () => { };

        public void Report(string stage, double done, double total)
        {
            if (stage == "fit on all data" && done > 0)
            {
                First = First == 0 ? (int)done : First;
                if ((int)done == At)
                {
                    Then();
                }
            }
        }
    }
}
