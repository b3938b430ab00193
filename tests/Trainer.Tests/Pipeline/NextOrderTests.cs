using System.Globalization;
using System.Text;
using Engine.Datasets.Mapping;
using Tests.Shared;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Pipeline.Orders;

namespace Trainer.Tests.Pipeline;

/// <summary>Learning when users order again, on customers whose habits are known.</summary>
public class NextOrderTests
{
    private static readonly RunContext Run = new() { Threads = 2 };

    [Fact]
    public void Regular_customers_are_told_from_their_last_day_where_simple_rules_cannot()
    {
        using var folder = new TemporaryFolder();
        var report = NextOrderEvaluation.Evaluate(Regulars(folder), 30, 1, Run)!;
        double Auc(string subject, string model) =>
            report.Rows.Single(row => row.Subject == subject && row.Model == model).Auc;
        string[] subjects = ["order", "product"];
        Assert.All(subjects, subject =>
        {
            Assert.InRange(Auc(subject, "served"), 0.85, 1);
            foreach (var rule in new[] { "recency", "frequency", "own_interval" })
            {
                Assert.True(Auc(subject, "served") > Auc(subject, rule) + 0.05, $"{subject} {rule}");
            }
        });
        Assert.InRange(report.PredictedBuyers / report.Buyers, 0.9, 1.1);
        Assert.InRange(report.PredictedOrders / report.Orders, 0.9, 1.1);
        Assert.True(
            report.Dates.Single(row => row.Model == "served").MeanDays
            < report.Dates.Single(row => row.Model == "middle_day").MeanDays);
    }

    [Fact]
    public void The_usual_interval_of_a_product_is_that_of_its_purchasers()
    {
        using var folder = new TemporaryFolder();
        var dataset = Regulars(folder);
        var scoped = Scope.Of(dataset, 30);
        var fit = new NextOrderLearner(dataset, Run).Learn(scoped)!;
        Assert.True(fit.Terms.IsSound);
        var fast = fit.Intervals[Array.IndexOf(scoped.ProductIds, "P0")];
        var slow = fit.Intervals[Array.IndexOf(scoped.ProductIds, "P11")];
        Assert.InRange(fast, 38, 44);
        Assert.InRange(slow, 60, 75);
    }

    [Fact]
    public void Data_without_a_window_to_learn_from_give_no_terms()
    {
        using var folder = new TemporaryFolder();
        var dataset = Regulars(folder, users: 12);
        Assert.Null(new NextOrderLearner(dataset, Run).Learn(Scope.Of(dataset, 30)));
        Assert.Null(NextOrderEvaluation.Evaluate(dataset, 30, 1, Run));
    }

    // Everyone buys one product at a steady pace of 40 to 73 days by the product, some days early or late.
    private static Dataset Regulars(TemporaryFolder folder, int users = 600)
    {
        var random = new Random(7);
        var end = new DateOnly(2021, 8, 1);
        var rows = new StringBuilder("user_id,product_id,behavior_type,behavior_time,count\n");
        for (var user = 0; user < users; user++)
        {
            var product = user % 12;
            for (var day = random.Next(60); day <= 500; day += 40 + (3 * product) + random.Next(-4, 5))
            {
                rows.Append(
                    CultureInfo.InvariantCulture, $"U{user},P{product},buy,{end.AddDays(day - 500):yyyy-MM-dd},1\n");
            }
        }

        rows.Append(CultureInfo.InvariantCulture, $"U0,P0,buy,{end:yyyy-MM-dd},1\n");
        folder.Write("behavior.csv", rows.ToString());
        folder.Write("product.csv", "product_id,product_name\n" + string.Concat(
            Enumerable.Range(0, 12).Select(p => $"P{p},Product {p}\n")));
        var path = folder.Write("dataset.json", """
            { "behavior": { "files": ["behavior.csv"], "user_id": "user_id", "product_id": "product_id", "type": "behavior_type",
                            "time": "behavior_time", "count": "count", "types": { "buy": "purchase" } },
              "product": { "files": ["product.csv"], "product_id": "product_id", "product_name": "product_name" } }
            """);
        return DatasetReader.Read(DatasetFile.Read(path), NoProgress.Instance, CancellationToken.None);
    }
}
