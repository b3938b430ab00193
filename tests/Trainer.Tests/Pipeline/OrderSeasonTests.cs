using System.Globalization;
using System.Text;
using Engine.Datasets.Mapping;
using MessagePack;
using Tests.Shared;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Pipeline.Orders;

namespace Trainer.Tests.Pipeline;

/// <summary>The season of a brand's orders, on brands whose season is planted.</summary>
public sealed class OrderSeasonTests : IDisposable
{
    private const int Days = 800;
    private const int Year = 365;

    private static readonly DateOnly End = new(2021, 8, 1);
    private static readonly RunContext Run = new() { Threads = 2 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_season_that_comes_back_is_in_the_sums_of_the_days_ahead()
    {
        var report = NextOrderEvaluation.Evaluate(Brand(Season), 30, 1, Run)!;
        Assert.InRange(report.PredictedBuyers / report.Buyers, 0.93, 1.07);
        Assert.True(report.BuyersWithoutSeason / report.Buyers < 0.9);
        Assert.True(report.OrdersWithoutSeason / report.Orders < 0.7);
        Assert.InRange(report.PredictedOrders / report.Orders, 0.85, 1.15);
        Assert.True(Loss("order", "served") < Loss("order", "without_season") - 0.05);
        Assert.True(Loss("product", "served") <= Loss("product", "without_season"));
        double Loss(string subject, string model) =>
            report.Rows.Single(row => row.Subject == subject && row.Model == model).LogLoss;
    }

    [Fact]
    public void A_season_that_did_not_come_back_in_the_last_days_is_not_used()
    {
        var fit = Learn(Brand(ago => ago is > 365 and <= 425 ? 2.5 : 1), End.AddDays(-30));
        Assert.Null(fit.Terms.Orders.Seasons);
        Assert.Null(fit.Terms.ExpectedSeasons);
    }

    [Fact]
    public void Too_few_days_before_the_year_before_give_no_season()
    {
        var learned = End.AddDays(-30);
        Assert.NotNull(Learn(Brand(Season, 30 + 30 + Year + 180), learned).Terms.Orders.Seasons);
        Assert.Null(Learn(Brand(Season, 30 + 30 + Year + 178), learned).Terms.Orders.Seasons);
    }

    [Fact]
    public void What_comes_after_the_last_day_teaches_no_season()
    {
        var day = End.AddDays(-60);
        var first = Bytes(Learn(Brand(Season), day));
        Assert.Equal(first, Bytes(Learn(Brand(ago => ago < 60 ? 5 : Season(ago)), day)));
        Assert.NotEqual(first, Bytes(Learn(Brand(ago => ago < 61 ? 5 : Season(ago)), day)));
    }

    [Fact]
    public void Terms_and_their_evaluation_are_the_same_bytes_on_any_number_of_threads()
    {
        var brand = Brand(Season);
        var seen = new[] { 1, 2, 5 }.Select(threads =>
        {
            var run = new RunContext { Threads = threads };
            var fit = new NextOrderLearner(brand, run).Learn(Scope.Of(brand, 30))!;
            return Convert.ToHexString([
                .. Bytes(fit), .. MessagePackSerializer.Serialize(NextOrderEvaluation.Evaluate(brand, 30, 1, run)),
            ]);
        }).ToArray();
        Assert.Single(seen.Distinct());
    }

    // Twice as many orders in the last 30 days of each year, and some more in the 30 before them.
    private static double Season(int ago) => (ago % Year) switch { < 30 => 2, < 60 => 1.4, _ => 1 };

    private static NextOrderFit Learn(Dataset brand, DateOnly day) =>
        new NextOrderLearner(brand, Run).Learn(Scope.At(brand, day, 30))!;

    private static byte[] Bytes(NextOrderFit fit) =>
    [
        .. MessagePackSerializer.Serialize(fit.Terms), .. MessagePackSerializer.Serialize(fit.Intervals),
        .. MessagePackSerializer.Serialize(fit.Factors),
    ];

    // 700 customers at a pace of their own, mostly of one product; the season makes the pace faster.
    private Dataset Brand(Func<int, double> season, int days = Days)
    {
        var rows = new StringBuilder("user_id,product_id,behavior_type,behavior_time,count\n");
        for (var user = 0; user < 700; user++)
        {
            var random = new Random(user);
            var pace = 0.008 + (0.03 * random.NextDouble());
            var (since, next) = (random.NextDouble(), 0.5 + random.NextDouble());
            for (var ago = Days; ago >= 0; ago--)
            {
                since += pace * season(ago);
                var product = random.NextDouble() < 0.7 ? user % 12 : random.Next(12);
                if (since < next && (user > 0 || ago > 0))
                {
                    continue;
                }

                (since, next) = (0, 0.5 + random.NextDouble());
                if (ago <= days)
                {
                    rows.Append(
                        CultureInfo.InvariantCulture, $"U{user},P{product},buy,{End.AddDays(-ago):yyyy-MM-dd},1\n");
                }
            }
        }

        _folder.Write("behavior.csv", rows.ToString());
        _folder.Write("product.csv", "product_id,product_name\n" + string.Concat(
            Enumerable.Range(0, 12).Select(p => $"P{p},Product {p}\n")));
        var path = _folder.Write("dataset.json", """
            { "behavior": { "files": ["behavior.csv"], "user_id": "user_id", "product_id": "product_id", "type": "behavior_type",
                            "time": "behavior_time", "count": "count", "types": { "buy": "purchase" } },
              "product": { "files": ["product.csv"], "product_id": "product_id", "product_name": "product_name" } }
            """);
        return DatasetReader.Read(DatasetFile.Read(path), NoProgress.Instance, CancellationToken.None);
    }
}
