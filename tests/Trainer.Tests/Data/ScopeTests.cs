using Engine;
using Trainer.Data.Running;
using Trainer.Data.Scoping;

namespace Trainer.Tests.Data;

public class ScopeTests
{
    [Theory]
    [InlineData("2021-08-01", 60, "2020-08-01", "2021-08-02", "2021-09-30")] // the documentation's example
    [InlineData("2024-02-29", 15, "2023-02-28", "2024-03-01", "2024-03-15")]
    [InlineData("2025-02-28", 90, "2024-02-28", "2025-03-01", "2025-05-29")]
    [InlineData("2024-12-31", 30, "2023-12-31", "2025-01-01", "2025-01-30")]
    [InlineData("2024-03-01", 30, "2023-03-01", "2024-03-02", "2024-03-31")]
    public void The_scope_is_a_calendar_year_and_the_window_follows_it(
        string end, int horizon, string start, string windowStart, string windowEnd)
    {
        var scope = Scope.Ending(Day(end), horizon);
        Assert.Equal((Day(start), Day(end)), (scope.Start, scope.End));
        Assert.Equal((Day(windowStart), Day(windowEnd)), (scope.WindowStart, scope.WindowEnd));
    }

    [Theory]
    [InlineData(14, false)]
    [InlineData(15, true)]
    [InlineData(90, true)]
    [InlineData(91, false)]
    [InlineData(0, false)]
    [InlineData(-30, false)]
    public void Horizons_outside_15_to_90_are_refused(int horizon, bool allowed)
    {
        var error = Record.Exception(() => Scope.Ending(new DateOnly(2024, 1, 1), horizon));
        Assert.Equal(allowed, error is null);
        Assert.True(
            allowed || (error is InputException && error.Message.Contains("15 to 90", StringComparison.Ordinal)));
    }

    [Fact]
    public void Both_edges_are_inclusive_to_the_minute()
    {
        using var table = new TableText();
        var dataset = table.Read(
            "a,P1,buy,2023-02-27T23:59:59,,",
            "b,P2,buy,2023-02-28T00:00:00,,",
            "c,P3,buy,2024-02-29T23:59:00,,");
        Assert.Equal(new DateTime(2024, 2, 29, 23, 59, 0), dataset.LastBehaviorTime);
        var scoped = Scope.Of(dataset, 30);
        Assert.Equal(["b P2 Purchase x1 +0", "c P3 Purchase x1 +366"], TableText.Events(scoped));
        Assert.Equal(366, scoped.LastDay);
        Assert.Equal(1, scoped.Report.BeforeScope);
    }

    [Fact]
    public void Any_behavior_moves_the_end_ignored_types_and_refunds_too()
    {
        using var table = new TableText();
        Assert.Equal(
            new DateTime(2024, 7, 1, 8, 30, 15),
            table.Read("a,P1,buy,2024-01-01,,", ",,share,2024-07-01T08:30:15,,").LastBehaviorTime);
        Assert.Equal(
            new DateTime(2024, 6, 1), table.Read("a,P1,buy,2024-01-01,2,", "a,P1,back,2024-06-01,1,").LastBehaviorTime);
        Assert.Equal( // a rejected row does not
            new DateTime(2024, 1, 1),
            table.Read("a,P1,buy,2024-01-01,,", "a,nothing,pv,2024-06-01,,").LastBehaviorTime);
    }

    [Fact]
    public void Users_and_products_need_a_purchase_in_the_scope_and_the_rest_is_counted()
    {
        using var table = new TableText();
        var dataset = table.Read(
            "buyer,P1,buy,2024-05-01,2,",
            "buyer,P1,pv,2024-05-01,,",
            "buyer,P1,pv,2024-04-30,,",
            "buyer,P2,pv,2024-05-01,,", // P2 has no purchase in the scope
            "looker,P1,pv,2024-05-02,,", // no purchase
            "late,P2,buy,2022-01-01,,", // before the scope
            "late,P1,cart,2024-05-03,,",
            "sorry,P3,buy,2024-05-01,1,",
            "sorry,P3,back,2024-05-02,1,",
            "sorry,P1,fav,2024-05-02,,");
        var scoped = Scope.Of(dataset, 30);
        Assert.Equal(["buyer"], scoped.UserIds);
        Assert.Equal(["P1"], scoped.ProductIds);
        var start = new DateOnly(2023, 5, 3);
        Assert.Equal(start, scoped.Scope.Start);
        var may1 = new DateOnly(2024, 5, 1).DayNumber - start.DayNumber;
        Assert.Equal(
            [$"buyer P1 View x1 +{may1 - 1}", $"buyer P1 View x1 +{may1}", $"buyer P1 Purchase x2 +{may1}"],
            TableText.Events(scoped));
        Assert.Equal(
            new ScopeReport(
                Behaviors: 9, InScope: 3, BeforeScope: 1, AfterScope: 0, Cancelled: 1, IneligibleUser: 3,
                IneligibleProduct: 1,
                UsersLeftOut: 3, ProductsLeftOut: 9),
            scoped.Report);
    }

    [Fact]
    public void A_canceled_run_ends_in_the_passes_over_the_log()
    {
        using var table = new TableText();
        var dataset = table.Read("a,P1,buy,2024-05-01,,");
        var run = new RunContext { Threads = 1, Cancel = new CancellationToken(canceled: true) };
        Assert.ThrowsAny<OperationCanceledException>(() => Scope.Of(dataset, 30, run));
    }

    [Fact]
    public void An_earlier_cut_sees_only_what_was_before_it()
    {
        using var table = new TableText();
        var dataset = table.Read(
            "a,P1,buy,2023-06-15,,",
            "a,P2,buy,2024-03-01T23:59:59,,",
            "b,P1,buy,2024-03-02,,",
            "c,P3,buy,2024-05-01,,");
        var scoped = Scope.At(dataset, new DateOnly(2024, 3, 1), 15);
        Assert.Equal(["a P1 Purchase x1 +106", "a P2 Purchase x1 +366"], TableText.Events(scoped));
        Assert.Equal(2, scoped.Report.AfterScope);
        Assert.Equal(0, scoped.UserSource.Single());
    }

    [Fact]
    public void A_stray_latest_time_is_warned_of_and_refused_when_it_empties_the_scope()
    {
        using var table = new TableText();
        var rows = Enumerable.Range(0, 50).Select(i => $"u{i},P1,buy,2024-05-{1 + (i % 28):D2},,").ToList();
        var dataset = table.Read([.. rows, "x,P1,pv,2024-09-01,,"]);
        Assert.Contains(
            dataset.Report.Warnings,
            w => w.Contains("2024-09-01", StringComparison.Ordinal)
                && w.Contains("2024-05-28", StringComparison.Ordinal));
        var e = Assert.Throws<InputException>(() => table.Read([.. rows, "x,P1,pv,2031-01-01,,"]));
        Assert.Contains("the latest time is 2031-01-01 00:00:00", e.Message, StringComparison.Ordinal);
        Assert.Contains("end on 2024-05-28", e.Message, StringComparison.Ordinal);
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd");
}
