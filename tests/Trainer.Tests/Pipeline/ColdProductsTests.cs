using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Snapshots;
using Tests.Shared;
using Trainer.Data.Running;
using Trainer.Models.Factors;
using Trainer.Pipeline;
using Trainer.Pipeline.Settings;
using Trainer.Reporting;

namespace Trainer.Tests.Pipeline;

/// <summary>Products that nobody has purchased: factors from tags, in the snapshot, judged and reported.</summary>
public sealed class ColdProductsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Users_are_shown_the_new_products_of_their_taste_first()
    {
        using var model = Train(1);
        var cold = model.Snapshot.Cold!;
        Assert.Equal(["NEW-COFFEE", "NEW-TEA"], Ids(cold).Order());
        Assert.Equal("Coffee nobody knows", cold.ProductNames.Get(cold.ProductIds.Find("NEW-COFFEE")));
        var query = new PlacementQuery
        {
            Definition = new PlacementDefinition("home")
            {
                TopK = 3,
                Rules = [new() { Kind = PlacementRuleKind.Explore, Count = 1, Amount = 100 }],
            },
        };
        var answer = new PlacementAnswer();
        for (var user = 0; user < 60; user++)
        {
            query.UserId = $"U{user}";
            PlacementRecommender.Recommend(model, query, answer);
            Assert.Equal([true, false, false], answer.Rows.ToArray().Select(row => row.IsCold));

            // Users with an even number drink tea.
            Assert.Equal(
                user % 2 == 0 ? "NEW-TEA" : "NEW-COFFEE", cold.ProductIds.Get(answer.Rows[0].Product.Value));
        }
    }

    [Fact]
    public void The_report_judges_the_regression_on_products_that_were_hidden_from_it()
    {
        using var model = Train(2);
        var report = model.Snapshot.Report.Cold!;
        Assert.Equal(2, report.Products);
        Assert.InRange(report.Hidden, 1, 20);
        Assert.InRange(report.Users, 1, 60);

        // Two tastes, and the tag that names them: it finds the purchasers, where popularity is near chance.
        Assert.InRange(report.Tags.Auc, 0.8, 1);
        Assert.InRange(report.Popularity.Auc, 0.2, 0.7);
        Assert.InRange(report.Own.Auc, report.Tags.Auc - 0.1, 1);
        var text = TextReport.ColdInWords(report);
        Assert.Contains($"Judged on {report.Hidden} products", text, StringComparison.Ordinal);
        Assert.Contains("new_products", ReportJson.Of(model.Snapshot), StringComparison.Ordinal);
    }

    [Fact]
    public void One_and_two_threads_publish_the_same_new_products()
    {
        using var one = Train(1);
        using var two = Train(2);
        Assert.Equal(File.ReadAllBytes(one.Snapshot.Path), File.ReadAllBytes(two.Snapshot.Path));
    }

    [Fact]
    public void A_table_without_new_products_gives_a_snapshot_without_them()
    {
        var dataset = TinyBrand.Write(_folder);
        using var model = Train(dataset, 1);
        Assert.Null(model.Snapshot.Cold);
        Assert.Null(model.Snapshot.Report.Cold);
    }

    private ScoringModel Train(int threads)
    {
        var dataset = TinyBrand.Write(_folder, products: 60);
        File.AppendAllText(
            _folder.File("product.csv"),
            "NEW-TEA,Tea nobody knows,Tea,S,1.5,2021-07-30\nNEW-COFFEE,Coffee nobody knows,Coffee,,2.5,2021-07-30\n"
            + "NEW-PEN,Z,,,1,\n");
        return Train(dataset, threads);
    }

    private ScoringModel Train(string dataset, int threads)
    {
        var root = _folder.File($"out{threads}");
        var id = TrainingPipeline.Run(
            new TrainOptions
            {
                Dataset = dataset,
                Out = root,
                Horizon = 30,
                Als = new AlsOptions { Factors = 8, Epochs = 3 },
            },
            new RunContext { Threads = threads }).Id;
        return new ScoringModel(Snapshot.OpenVerified(new SnapshotDirectory(root).FilePath(id)));
    }

    private static IEnumerable<string> Ids(Snapshot snapshot) =>
        Enumerable.Range(0, snapshot.ProductIds.Count).Select(snapshot.ProductIds.Get);
}
