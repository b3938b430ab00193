using Engine.Datasets.Behaviors;
using Engine.Datasets.Mapping;
using Tests.Shared;

namespace Engine.Tests.Datasets;

/// <summary>What some users bought in some days.</summary>
public sealed class PurchaseReaderTests
{
    private static readonly DateOnly First = new(2025, 7, 1);
    private static readonly DateOnly Last = new(2025, 7, 30);

    [Fact]
    public void Only_purchases_of_the_users_and_days_count()
    {
        var report = Read(
            "ann,P1,buy,2025-06-30 23:59:59,1,5,1",
            "ann,P1,buy,2025-07-01 00:00:00,2,10,2",
            "ann,P2,view,2025-07-02 00:00:00,1,,",
            "bob,P2,buy,2025-07-30 23:59:59,1,7.5,3",
            "bob,P2,buy,2025-07-31 00:00:00,1,7.5,4",
            "eve,P3,buy,2025-07-15 00:00:00,1,9,5",
            "bob,P9,buy,never,1,9,6");
        Assert.Equal(["0 P1 x2 10", "1 P2 x1 7.5"], Lines(report));
        Assert.Equal(
            (7, 1, new DateOnly(2025, 7, 31), true), (report.Rows, report.Rejected, report.LastDay, report.HasAmounts));
    }

    [Fact]
    public void Refunds_cancel_purchases_of_their_order()
    {
        var report = Read(
            "ann,P1,buy,2025-06-20 00:00:00,1,5,1",
            "ann,P1,buy,2025-07-02 00:00:00,4,20,2",
            "ann,P1,back,2025-07-03 00:00:00,1,5,1",
            "ann,P1,back,2025-08-09 00:00:00,3,15,2",
            "bob,P1,buy,2025-07-04 00:00:00,1,5,3",
            "bob,P1,back,2025-07-05 00:00:00,1,5,3");
        Assert.Equal(["0 P1 x1 5"], Lines(report));
    }

    [Theory]
    [InlineData(null, new[] { "0 P1 x1 5", "0 P1 x1 5", "1 P2 x2 10", "1 P2 x4 20" })]
    [InlineData(DuplicateRows.Drop, new[] { "0 P1 x1 5", "1 P2 x3 15" })]
    public void Rows_that_repeat_another_count_as_the_mapping_says(DuplicateRows? duplicates, string[] expected)
    {
        string[] rows =
        [
            "ann,P1,buy,2025-07-01 00:00:00,1,5,1",
            "bob,P2,buy,2025-07-02 00:00:00,4,20,2",
            "bob,P2,back,2025-07-03 00:00:00,1,5,2",
        ];
        Assert.Equal(expected, Lines(Read([.. rows, .. rows], duplicates)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_cannot_be_read_is_told_and_too_much_of_it_is_refused()
    {
        string[] good = [.. Enumerable.Repeat("ann,P1,buy,2025-07-01 00:00:00,1,5,1", 40)];
        Assert.Empty(Told(good));
        Assert.Equal(
            [
                "1 of 43 rows of the behavior table could not be read",
                "2 of 42 purchases have no amount and count as 0; the first that is no number is '5 net' "
                    + "(behavior.csv, line 42)",
            ],
            Told(
                [
                    .. good, "bob,P1,buy,2025-07-02,1,5 net,", "bob,P1,buy,2025-07-02,1,,",
                    "bob,P1,BUY,2025-07-02,1,5,",
                ]));
        Assert.StartsWith(
            "no purchase of these users and days was found",
            Assert.Single(Told("Ann,P1,buy,2025-07-01 00:00:00,1,5,1")),
            StringComparison.Ordinal);
        string[] commas = [.. good, .. Enumerable.Repeat("ann,P1,buy,2025-07-01,1,\"5,0\",1", 3)];
        var error = Assert.Throws<InputException>(() => Told(commas));
        Assert.StartsWith(
            "3 of 43 purchases have an amount that is no number, for example '5,0'", error.Message,
            StringComparison.Ordinal);
        Assert.Contains("behavior.decimal_comma in the mapping d.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "cannot be read; expected at most 5 %",
            Assert.Throws<InputException>(() => Told([.. good, .. good.Select(row => row.ToUpperInvariant())])).Message,
            StringComparison.Ordinal);
    }

    private static string[] Told(params string[] rows)
    {
        var report = Read(rows);
        report.RefuseUnread("d.json");
        return [.. report.Notes()];
    }

    private static IEnumerable<string> Lines(PurchaseReport report) => report.Purchases.Select(
        purchase => FormattableString.Invariant(
            $"{purchase.User} {report.ProductIds[purchase.Product]} x{purchase.Count} {purchase.Amount}"));

    private static PurchaseReport Read(params string[] rows) => Read(rows, null);

    private static PurchaseReport Read(string[] rows, DuplicateRows? duplicates)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("behavior.csv");
        File.WriteAllLines(path, ["user,product,type,time,count,amount,order", .. rows]);
        var definition = new DatasetDefinition
        {
            Behavior = new BehaviorTable
            {
                Files = [path],
                UserId = "user",
                ProductId = "product",
                Type = "type",
                Time = "time",
                Count = "count",
                Amount = "amount",
                OrderId = "order",
                Duplicates = duplicates,
                Types = new Dictionary<string, BehaviorKind>
                {
                    ["buy"] = BehaviorKind.Purchase,
                    ["view"] = BehaviorKind.View,
                    ["back"] = BehaviorKind.Refund,
                },
            },
            Product = new ProductTable { Files = [path], ProductId = "product", ProductName = "product" },
        };
        return PurchaseReader.Read(definition, ["ann", "bob"], First, Last, CancellationToken.None);
    }
}
