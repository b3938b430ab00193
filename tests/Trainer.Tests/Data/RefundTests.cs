using Engine.Datasets.Behaviors;

namespace Trainer.Tests.Data;

public class RefundTests
{
    [Theory]
    [InlineData("buy 01 x5 A; back 02 x2 A", "01x3", 0, 0, 1)]
    [InlineData("buy 01 x1 A; back 02 x1 A", "01x0", 0, 1, 0)]
    [InlineData("back 02 x1 A; buy 01 x1 A", "01x0", 0, 1, 0)] // rows in any order
    // the latest first, then the one before
    [InlineData("buy 01 x2 A; buy 03 x2 A; back 04 x3 A", "01x1 03x0", 0, 1, 1)]
    [InlineData("buy 01 x2 A; buy 05 x2 A; back 04 x2 A", "01x0 05x2", 0, 1, 0)] // never a later purchase
    [InlineData("buy 05 x2 A; back 04 x1 A", "05x2", 1, 0, 0)]
    [InlineData("buy 01 x2 A; back 04 x5 A", "01x0", 1, 1, 0)] // more came back than was bought
    [InlineData("buy 01 x2 A; buy 03 x2 B; back 04 x1 A", "01x1 03x2", 0, 0, 1)] // its own order
    [InlineData("buy 01 x2 A; back 04 x1 B", "01x2", 1, 0, 0)]
    [InlineData("buy 01 x2 A; buy 03 x2 B; back 04 x1 ", "01x2 03x1", 0, 0, 1)] // no order named: the latest
    [InlineData("buy 01 x1 A; back 02 x1 A; back 03 x1 A", "01x0", 1, 1, 0)]
    [InlineData("buy 01 x1 A; back 02 x1 A; buy 03 x1 A", "01x0 03x1", 0, 1, 0)]
    [InlineData("buy 04 x2 A; back 04 x1 A", "04x1", 0, 0, 1)] // at the same time
    [InlineData("buy 01 x20000 A; back 02 x19000 A", "01x1000", 0, 0, 1)] // beyond what the log can hold
    public void A_refund_takes_from_the_latest_purchases_that_it_can_belong_to(
        string rows, string left, long unmatched, long cancelled, long reduced)
    {
        using var table = new TableText();
        var dataset = table.Read([.. rows.Split("; ").Select(Row), "other,P1,buy,2024-01-01,1,A"]);
        var kept = TableText.Kept(dataset).Where(row => row[0] == 'u').Select(row => row.Split(' '))
            .Select(r => $"{r[4][^2..]}{r[3]}").Order(StringComparer.Ordinal);
        Assert.Equal(left, string.Join(' ', kept));
        Assert.Equal(
            new RefundReport(
                rows.Split("; ").Count(r => r.StartsWith("back", StringComparison.Ordinal)),
                unmatched,
                cancelled,
                reduced),
            dataset.Report.Refunds);
    }

    [Fact]
    public void Refunds_of_other_users_and_products_touch_nothing()
    {
        using var table = new TableText();
        var dataset = table.Read("u,P1,buy,2024-01-01,1,A", "u,P2,back,2024-01-02,1,A", "v,P1,back,2024-01-02,1,A");
        Assert.Equal(["u P1 Purchase x1 2024-01-01"], TableText.Kept(dataset));
        Assert.Equal(2, dataset.Report.Refunds.Unmatched);
    }

    [Fact]
    public void Rejected_and_other_rows_between_do_not_shift_the_match()
    {
        using var table = new TableText();
        var dataset = table.Read(
            "u,P1,pv,2024-01-01,1,",
            "u,PX,buy,2024-01-01,1,A",
            "u,P1,buy,2024-01-01,0,A",
            "u,P1,buy,2024-01-02,1,A",
            "u,P1,share,2024-01-02,,",
            "short",
            "u,P1,fav,2024-01-02,,",
            "v,P1,buy,2024-01-02,1,B",
            "u,P1,buy,2024-01-03,4,A",
            "u,P1,back,2024-01-03,1,A");
        Assert.Equal(
            [
                "u P1 Favorite x1 2024-01-02",
                "u P1 Purchase x1 2024-01-02",
                "u P1 Purchase x3 2024-01-03",
                "u P1 View x1 2024-01-01",
                "v P1 Purchase x1 2024-01-02",
            ],
            TableText.Kept(dataset));
    }

    [Fact]
    public void Without_an_order_column_the_latest_purchase_is_taken()
    {
        using var table = new TableText();
        table.Definition = table.Definition with { Behavior = table.Definition.Behavior with { OrderId = null } };
        var dataset = table.Read("u,P1,buy,2024-01-01,1,A", "u,P1,buy,2024-01-02,1,B", "u,P1,back,2024-01-03,1,A");
        Assert.Equal(["u P1 Purchase x0 2024-01-02", "u P1 Purchase x1 2024-01-01"], TableText.Kept(dataset));
    }

    private static string Row(string text)
    {
        var parts = text.Split(' ');
        return $"u,P1,{parts[0]},2024-03-{parts[1]}T10:00:00,{parts[2][1..]},{parts[3]}";
    }
}
