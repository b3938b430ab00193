using System.Text.Json.Nodes;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Tests.Shared;
using Trainer.Data.Generate;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Running;
using Trainer.Models.Factors;
using Trainer.Models.Similarity;
using Trainer.Pipeline;
using Trainer.Pipeline.Evaluation;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>
/// Rule 6: the same machinery with categories as items, from a generated brand to answers and the report.
/// </summary>
public class CategoryModeTests
{
    [Fact]
    public void Categories_are_trained_recommended_ranked_and_reported()
    {
        using var folder = new TemporaryFolder();
        var (dataset, categories) = Brand(folder);
        var options = new TrainOptions
        {
            Dataset = dataset,
            Out = folder.File("out"),
            Als = new AlsOptions { Factors = 4, Epochs = 3 },
            Similarity = new SimilarityOptions { Neighbors = 5 },
        };
        var (id, report) = TrainingPipeline.Run(options, new RunContext());
        using var model = new ScoringModel(new SnapshotDirectory(options.Out).Open(id));
        var snapshot = model.Snapshot;
        var ids =
            Enumerable.Range(0, snapshot.ProductIds.Count).Select(item => snapshot.ProductIds.Get(item)).ToArray();
        Assert.Equal(categories.Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
        Assert.Equal("Category Coffee", snapshot.ProductNames.Get(snapshot.ProductIds.Find("Coffee")));

        var recommended = new RecommendAnswer();
        var user = snapshot.UserIds.Get(0);
        Recommender.Recommend(model, new RecommendQuery { UserId = user, TopK = 5 }, recommended);
        Assert.Equal(5, recommended.Products.Length);
        Assert.All(recommended.Products.ToArray(), item => Assert.Contains(ids[item.Product.Value], categories));

        var ranked = new RankUsersAnswer();
        UserRanker.Rank(model, new RankUsersQuery { ProductId = "Coffee", TopK = snapshot.Manifest.UserCount }, ranked);
        Assert.Equal(snapshot.Manifest.UserCount, ranked.Users.Length);
        var coffee = new ProductOrdinal(snapshot.ProductIds.Find("Coffee"));
        Assert.All(
            ranked.Users.ToArray(), entry => Assert.Equal(PairScorer.Score(model, entry.User, coffee), entry.Score));

        Assert.Contains(HoldoutEvaluation.Served, report.Metrics.Select(row => row.Model));
        var json = JsonNode.Parse(ReportJson.Of(snapshot))!;
        var pair = json["related"]![0]!;
        Assert.Contains((string)pair["product_id"]!, categories);
        var related = new RelatedAnswer();
        RelatedProducts.Find(model, new RelatedQuery { ProductId = (string)pair["product_id"]!, TopK = 100 }, related);
        var shown = related.Products.Single(
            other => snapshot.ProductIds.Get(other.Product.Value) == (string)pair["related_id"]!);
        Assert.Equal(
            (shown.Strength, shown.PartialCorrelation),
            ((float)pair["strength"]!, (float)pair["partial_correlation"]!));
        Assert.Equal(
            (shown.Figures.Support, shown.Figures.Confidence, shown.Figures.Lift),
            ((int)pair["support"]!, (double)pair["confidence"]!, (double)pair["lift"]!));
        Assert.Contains(related.Products, other => other.PartialCorrelation != 0);
        Assert.Equal(
            categories.Count,
            (int)json["counts"]!.AsArray().Single(row => (string)row!["stage"]! == "products in scope")!["count"]!);
    }

    // The product table keeps a row for each product: a category's key stands there many times, and its first row
    // counts.
    private static (string Dataset, HashSet<string> Categories) Brand(TemporaryFolder folder)
    {
        new BrandGenerator(BrandSize.Named("tiny"), 1, BrandKind.Mixed).Write(
            folder.Path, "csv", dirty: false, NoProgress.Instance, CancellationToken.None);
        var products = File.ReadAllLines(folder.File("product.csv"));
        var category =
            products.Skip(1).Select(line => line.Split(',')).ToDictionary(cells => cells[0], cells => cells[2]);
        folder.Write(
            "category.csv",
            "category_id,category_name\n"
            + string.Concat(category.Values.Select(value => $"{value},Category {value}\n")));
        var behaviors = File.ReadAllLines(folder.File("behavior.csv"));
        var (first, second) = (behaviors[0].Split(',')[0], behaviors[0].Split(',')[1]);
        Assert.Equal(("user_id", "product_id"), (first, second));
        File.WriteAllLines(folder.File("behavior.csv"), behaviors.Select((line, n) =>
            n == 0 ? line : line.Split(',') is var cells
                ? string.Join(',', [cells[0], category.GetValueOrDefault(cells[1], cells[1]), .. cells[2..]])
                : line));
        var dataset = DatasetFile.Read(folder.File("dataset.json"));
        return (folder.Write("categories.json", DatasetFile.Text(dataset with
        {
            Item = ItemMode.Category,
            Product = dataset.Product with
            {
                Files = ["category.csv"],
                ProductId = "category_id",
                ProductName = "category_name",
                Tags = [],
            },
        })), [.. category.Values]);
    }
}
