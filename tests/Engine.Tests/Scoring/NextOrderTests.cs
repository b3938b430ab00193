using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Scoring.Orders;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Tests.Shared;
using Kind = Engine.Snapshots.Manifest.BehaviorType;
using DueProduct = Engine.Scoring.Orders.DueProduct;

namespace Engine.Tests.Scoring;

/// <summary>The next order: the formulas against plain sums, the call and the audiences from it.</summary>
public sealed class NextOrderTests : IDisposable
{
    private static readonly NextOrderTerms Terms = RandomNextOrder.Terms;

    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotContent _content = RandomNextOrder.With(RandomSnapshot.Content(seed: 4, users: 120));
    private readonly ScoringModel _model;
    private readonly WorkspaceCatalog _catalog;

    public NextOrderTests()
    {
        _model = new ScoringModel(RandomSnapshot.Open(_content, _folder));
        _catalog = new WorkspaceCatalog(_folder.Path);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, 0, 0.3)]
    [InlineData(2, 0.2, 1.7)]
    [InlineData(3, 0.9, 5)]
    [InlineData(9, 2.5, 2.75)]
    public void A_hazard_is_the_sum_over_small_steps(int days, double from, double to)
    {
        const int Steps = 100_000;
        var hazard = new PhaseHazard(Terms.Phases, Terms.Counts, Terms.Orders.Hazards);
        var sum = 0.0;
        for (var step = 0; step < Steps; step++)
        {
            var phase = from + ((to - from) * (step + 0.5) / Steps);
            var bin = Terms.Phases.Count(bound => bound <= phase) - 1;
            sum += Terms.Orders.Hazards[(days >= 3 ? 4 : 0) + bin] * (to - from) / Steps;
        }

        Assert.Equal(sum, hazard.Between(days, from, to), 1e-4);
    }

    [Fact]
    public void Purchase_days_are_distinct_and_other_behavior_does_not_count()
    {
        var days = new PurchaseDays();
        days.Read(
            new HistoryRow(
                [2, 2, 2, 5, 7],
                [10, 10, 40, 40, 90],
                [(byte)Kind.Purchase, (byte)Kind.Purchase, (byte)Kind.Purchase, (byte)Kind.Purchase, (byte)Kind.View],
                [1, 1, 1, 1, 1]),
            100);
        Assert.Equal([60, 90], days.Ages);
        Assert.Equal([new ProductPurchases(2, 2, 60, 90), new ProductPurchases(5, 1, 60, 60)], days.Products);
        Assert.Equal((30 + (2 * 30.0)) / 3, new OrderModel(Terms).Interval(days), 12);
    }

    [Fact]
    public void Probabilities_and_expected_orders_grow_with_the_days_and_fit_the_calibration_at_thirty()
    {
        var orders = new NextOrders(_model.Snapshot);
        var (model, history) = (new OrderModel(Terms), new PurchaseDays());
        for (var user = 0; user < 120; user++)
        {
            var forecasts =
                Enumerable.Range(1, 90).Select(day => orders.Forecast(new UserOrdinal(user), day)).ToArray();
            if (forecasts[0].OrderDays == 0)
            {
                Assert.Equal(0, forecasts[^1].Probability);
                continue;
            }

            history.Read(_model.Snapshot.History.Row(user), _model.Snapshot.ScopeDays);
            Assert.Equal(
                Terms.Orders.Probability.Probability((float)model.Score(history))!.Value,
                forecasts[29].Probability,
                1e-9);
            for (var day = 1; day < 90; day++)
            {
                Assert.True(forecasts[day].Probability > forecasts[day - 1].Probability);
                Assert.True(forecasts[day].ExpectedOrders > forecasts[day - 1].ExpectedOrders);
            }

            var half = forecasts[^1].Probability / 2;
            Assert.True(forecasts[forecasts[0].LikelyDay - 1].Probability >= half);
            Assert.True(forecasts[0].LikelyDay == 1 || forecasts[forecasts[0].LikelyDay - 2].Probability < half);
        }
    }

    [Fact]
    public void A_season_multiplies_the_rates_of_its_days()
    {
        double[] seasons = [2, 0.5, 3];
        var plain = new OrderModel(Terms);
        var model = new OrderModel(Terms with
        {
            Orders = Terms.Orders with { Seasons = seasons },
            Products = Terms.Products with { Seasons = [1, 1, 1] },
        });
        var history = new PurchaseDays();
        foreach (var user in Enumerable.Range(0, 120))
        {
            history.Read(_model.Snapshot.History.Row(user), _model.Snapshot.ScopeDays);
            if (history.Count == 0)
            {
                continue;
            }

            var sum = 0.0;
            for (var day = 1; day <= 90; day++)
            {
                sum += seasons[(day - 1) / 30]
                    * (plain.Growth(history, day) - (day == 1 ? 0 : plain.Growth(history, day - 1)));
                Assert.Equal(sum, model.Growth(history, day), 1e-9);
            }

            Assert.Equal(plain.ExpectedOrders(history, 0, 40), model.ExpectedOrders(history, 0, 40), 1e-12);
            var product = history.Products[0];
            Assert.Equal(plain.Growth(product, 20, 1, 70), model.Growth(product, 20, 1, 70), 1e-9);
        }
    }

    [Fact]
    public void The_call_answers_each_known_user_with_products_by_probability()
    {
        var user = Enumerable.Range(0, 120).First(u => Products(u, 30).Count > 2);
        var id = _content.UserIds[user];
        var reply = Answer(new NextOrderRequest { UserIds = { id, "nobody" }, WithinDays = 30, TopK = 2 });
        Assert.Equal(1, reply.SkippedCount);
        var next = Assert.Single(reply.Users);
        Assert.Equal(id, next.UserId);
        var due = Products(user, 30);
        Assert.Equal(
            due.Take(2).Select(product => _content.ProductIds[product.Product.Value]),
            next.Products.Select(product => product.ProductId));
        Assert.Equal(due.Select(product => product.Probability).OrderDescending(), due.Select(p => p.Probability));
        Assert.Equal(
            new DateOnly(2021, 8, 1).AddDays(due[0].DueIn).ToString("yyyy-MM-dd"), next.Products[0].DueDate);
        Assert.Equal(60, Answer(new NextOrderRequest { UserIds = { id } }).WithinDays);
    }

    [Fact]
    public void Blocked_products_and_those_outside_the_pool_are_not_due()
    {
        var user = Enumerable.Range(0, 120).First(u => Products(u, 30).Count > 2);
        var request = new NextOrderRequest { UserIds = { _content.UserIds[user] }, WithinDays = 30 };
        var all = Answer(request).Users[0].Products.Select(product => product.ProductId).ToArray();
        request.Pool = new PoolFilter { ProductIds = { all[1] } };
        Assert.Equal([all[1]], Answer(request).Users[0].Products.Select(product => product.ProductId));
        _catalog.Blocked.Change(replace: false, [], [all[0]]);
        request.Pool = null;
        Assert.Equal(all[1..], Answer(request).Users[0].Products.Select(product => product.ProductId));
    }

    [Fact]
    public void Audiences_hold_who_is_due_and_who_may_leave()
    {
        var due = Save(new SaveAudienceRequest
        {
            Name = "due",
            Due = new DueAudience { WithinDays = 20, Rule = "price < 60", MinProbability = 0.05 },
        });
        var expected = Enumerable.Range(0, 120).Where(user => Products(user, 20).Exists(
            product => product.DueIn <= 20 && product.DueIn > -product.Interval && product.Probability >= 0.05
                && _content.Tags[2].Numbers![product.Product.Value] < 60));
        Assert.Equal(expected.Select(user => _content.UserIds[user]), due);
        Assert.NotEmpty(due);

        var leaving = Save(new SaveAudienceRequest
        {
            Name = "leaving",
            Orders = new OrderAudience { MaxProbability = 0.5, MinOrders = 2 },
        });
        var orders = new NextOrders(_model.Snapshot);
        Assert.Equal(
            Enumerable.Range(0, 120)
                .Where(user => orders.Forecast(new UserOrdinal(user), 60) is { OrderDays: >= 2, Probability: <= 0.5 })
                .Select(user => _content.UserIds[user]),
            leaving);
        Assert.InRange(leaving.Length, 1, 119);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(91)]
    public void Days_outside_the_range_are_refused(int days) => Assert.Contains(
        "expected 1..90",
        Assert.ThrowsAny<InputException>(
            () => Save(new SaveAudienceRequest { Name = "due", Due = new DueAudience { WithinDays = days } })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_snapshot_without_terms_says_so_and_is_the_file_that_it_was()
    {
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(seed: 4), _folder));
        Assert.Null(model.Snapshot.NextOrder);
        Assert.Contains(
            "does not predict next orders",
            Assert.Throws<StateException>(() => NextOrderCall.Answer(
                model,
                _catalog,
                new NextOrderRequest { UserIds = { "user-0é" } },
                CallClock.Start(TimeProvider.System))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Terms_are_read_back_and_unsound_ones_refused()
    {
        Assert.Equivalent(Terms, _model.Snapshot.NextOrder, strict: true);
        Assert.Equal(_content.ProductTiming, _model.Snapshot.ProductTiming.AsSpan());
        var unsound = Terms with { Phases = [0, 1, 0.5, 2] };
        Assert.Throws<SnapshotFormatException>(
            () => RandomSnapshot.Open(_content with { NextOrder = unsound }, _folder));
        foreach (double[] seasons in new double[][] { [1, 1], [1, 0, 1], [1, double.NaN, 1] })
        {
            unsound = Terms with { Orders = Terms.Orders with { Seasons = seasons } };
            Assert.Throws<SnapshotFormatException>(
                () => RandomSnapshot.Open(_content with { NextOrder = unsound }, _folder));
        }

        float[] negative = [-1, .. _content.ProductTiming[1..]];
        Assert.Throws<SnapshotFormatException>(
            () => RandomSnapshot.Open(_content with { ProductTiming = negative }, _folder));
    }

    private List<DueProduct> Products(int user, int days) =>
        new NextOrders(_model.Snapshot).Products(new UserOrdinal(user), days, null, null);

    private NextOrderReply Answer(NextOrderRequest request) =>
        NextOrderCall.Answer(_model, _catalog, request, CallClock.Start(TimeProvider.System));

    private string[] Save(SaveAudienceRequest request)
    {
        AudienceAnswers.Save(_model, _catalog, request);
        return [.. _catalog.Audiences.Ids(request.Name)];
    }
}
