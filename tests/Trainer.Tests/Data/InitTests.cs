using Engine;
using Engine.Tables.Csv;
using Spectre.Console;
using Tests.Shared;
using Trainer.Commands;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;

namespace Trainer.Tests.Data;

public class InitTests
{
    private const string Products = "product_id,name\nP0,a\nP1,b\nP2,c\nP3,d\nP4,e\nP5,f\nP6,g\nP7,h\nP8,i\nP9,j\n";

    [Fact]
    public void A_chinese_table_is_mapped_whole()
    {
        using var folder = new TemporaryFolder();
        var kinds = new[] { "浏览", "收藏", "加购", "购买", "退款" };
        var rows =
            string.Concat(
                Enumerable.Range(0, 40)
                    .Select(i => $"u{i},P{i % 10},{kinds[i % 5]},2025/6/{1 + (i % 30)} 9:05,1,订{i},app,12.5\n"));
        Write(folder, "用户ID,商品编号,行为类型,时间,数量,订单号,渠道,金额\n" + rows, "gb18030");
        folder.Write("raw.csv", "");
        File.WriteAllBytes(
            folder.File("p.csv"),
            TextEncodings
                .Find("gb18030")
                .GetBytes(
                    "商品编号,商品名称,类目,品牌,价格\n" + string.Concat(
                        Enumerable.Range(0, 10).Select(i => $"P{i},龙井茶{i},{100 + (i % 3)},狮峰,\"¥1,2{i}0.50\"\n"))));
        var (open, definition, _) = Init(folder);
        var table = definition!.Behavior;
        Assert.Equal(0, open);
        Assert.Equal(
            ("用户ID", "商品编号", "行为类型", "时间", "auto"),
            (table.UserId, table.ProductId, table.Type, table.Time, table.TimeFormat));
        Assert.Equal(
            ("数量", "订单号", "渠道", "金额", "gb18030"),
            (table.Count, table.OrderId, table.Channel, table.Amount, table.Encoding));
        Assert.Equal(
            [BehaviorKind.View, BehaviorKind.Favorite, BehaviorKind.Cart, BehaviorKind.Purchase, BehaviorKind.Refund],
            kinds.Select(kind => table.Types[kind]));
        Assert.Equal(("商品名称", "gb18030"), (definition.Product.ProductName, definition.Product.Encoding));
        Assert.Equal(
            [("类目", TagType.Text), ("品牌", TagType.Text), ("价格", TagType.Number)],
            definition.Product.Tags.Select(tag => (tag.Column, tag.Type)));
        var price = Assert.IsType<NumberTag>(Read(definition).Products.Tags[2]);
        Assert.Equal(1230.5, price.Values[3]);
    }

    [Theory]
    [InlineData("user_id;product_id;type;time\n", "u{0};P{1};purchase;2021-01-{2} 10:00:00\n", ";", null)]
    [InlineData("user_id\tproduct_id\ttype\ttime\n", "u{0}\tP{1}\tpurchase\t2021-01-{2} 10:00:00\n", "\t", null)]
    [InlineData("sep=|\nuser_id|product_id|type|time\n", "u{0}|P{1}|purchase|2021-01-{2} 10:00:00\n", null, null)]
    [InlineData("user_id,product_id,type,time\r", "u{0},P{1},purchase,2021-01-{2} 10:00:00\r", null, null)]
    [InlineData("", "u{0},P{1},purchase,2021-01-{2} 10:00:00\n", null, false)]
    [InlineData("", "2021-01-{2} 10:00:00\tbuy\tP{1}\tu{0}\n", "\t", false)]
    [InlineData("用戶ID,商品編號,行為類型,時間\n", "u{0},P{1},購買,2021-01-{2}\n", null, null)]
    public void Other_shapes_are_read(string header, string row, string? separator, bool? hasHeader)
    {
        using var folder = new TemporaryFolder();
        Write(folder, header + Rows(row));
        folder.Write("p.csv", Products);
        var (open, definition, _) = Init(folder);
        Assert.Equal((0, separator, hasHeader), (open, definition!.Behavior.Separator, definition.Behavior.Header));
        var dataset = Read(definition);
        Assert.Equal(
            (60, 60L, 10),
            (dataset.UserIds.Length, dataset.Report.Kinds[BehaviorKind.Purchase], dataset.Products.Count));
        Assert.Equal(("u7", new DateOnly(2021, 1, 28)), (dataset.UserIds[7], dataset.LastBehaviorDay));
    }

    [Fact]
    public void A_table_without_types_is_of_purchases_and_says_so()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "user_id,product_id,time\n" + Rows("u{0},P{1},2021-01-{2}\n"));
        folder.Write("p.csv", Products);
        var (open, definition, said) = Init(folder);
        Assert.Equal((0, BehaviorKind.Purchase), (open, definition!.Behavior.ConstantType));
        Assert.Contains("every row is read as a purchase. CHECK THIS", said, StringComparison.Ordinal);
        Assert.Equal(60, Read(definition).Report.Kinds[BehaviorKind.Purchase]);

        // A country is no type, but nobody except a person knows that.
        File.Delete(folder.File("dataset.json"));
        Write(folder, "user_id,product_id,time,land\n" + Rows("u{0},P{1},2021-01-{2},Nord{3}\n"));
        (open, definition, said) = Init(folder);
        Assert.Equal((0, BehaviorKind.Purchase), (open, definition!.Behavior.ConstantType));
        Assert.Contains("CHECK THIS: 'land' (Nord1, Nord2, Nord3) could say", said, StringComparison.Ordinal);
    }

    /// <summary>Half of the rows may be views or favorites: nobody but a person can say.</summary>
    [Fact]
    public void A_frequent_type_of_an_unknown_name_is_left_open_and_a_rare_one_is_left_out()
    {
        using var folder = new TemporaryFolder();
        const string Header = "user_id,product_id,type,time\n";
        Write(folder, Header + Rows("u{0},P{1},buy,2021-01-{2}\nu{0},P{1},peek,2021-01-{2}\n"));
        folder.Write("p.csv", Products);
        Assert.Equal(1, Init(folder).Open);
        File.Delete(folder.File("dataset.json"));
        Write(
            folder,
            Header + Rows("u{0},P{1},buy,2021-01-{2}\nu{0},P{1},share,2021-01-{2}\n") + "u1,P1,peek,2021-01-05\n");
        var (open, definition, said) = Init(folder);
        Assert.Equal((0, BehaviorKind.Ignored), (open, definition!.Behavior.Types["peek"]));
        Assert.Contains("not a word that is known: CHECK THIS; 1 rows", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_per_type_is_found_by_names_and_flags()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "user_id,product_id,date,view_cnt,is_buy\n" + Rows("u{0},P{1},2021-01-{2},3,1\n"));
        folder.Write("p.csv", Products);
        var (open, definition, _) = Init(folder);
        Assert.Equal(0, open);
        Assert.Equal(
            new Dictionary<string, BehaviorKind>
            {
                ["view_cnt"] = BehaviorKind.View,
                ["is_buy"] = BehaviorKind.Purchase,
            },
            definition!.Behavior.TypeColumns);
        Assert.Equal(
            (60L, 60L),
            (Read(definition).Report.Kinds[BehaviorKind.Purchase], Read(definition).Report.Kinds[BehaviorKind.View]));
    }

    [Fact]
    public void Negative_counts_are_guessed_to_be_refunds()
    {
        using var folder = new TemporaryFolder();
        Write(
            folder,
            "user_id,product_id,type,time,quantity\n" + Rows("u{0},P{1},purchase,2021-01-{2},1\n")
            + "u1,P1,purchase,2021-01-28,-1\n");
        folder.Write("p.csv", Products);
        var (open, definition, _) = Init(folder);
        Assert.Equal((0, NegativeCount.Refund), (open, definition!.Behavior.NegativeCount));
        Assert.Equal(1, Read(definition).Report.Refunds.CancelledPurchases);
    }

    [Theory]
    [InlineData(
        "user_id,product_id,type,time\n",
        "u{0},P{1},purchase,0{1}/02/2021\n",
        "OPEN: behavior.time_format",
        "day_first or month_first")]
    [InlineData(
        "user_id,product_id,type,time\n",
        "u{0},P{1},xyz,2021-01-{2}\n",
        "none is recognized as a purchase",
        "the value that means a purchase")]
    [InlineData(
        "user_id,product_id,Aktion,time\n",
        "u{0},P{1},Kauf{3},2021-01-{2}\n",
        "write \"constant_type\": \"purchase\" in place of type and types",
        "the value that means a purchase")]
    [InlineData(
        "user_id,product_id,type,when\n",
        "u{0},P{1},purchase,soon\n",
        "OPEN: behavior.time",
        "one of user_id, product_id, type, when")]
    [InlineData(
        "alpha,product_id,type,time,beta\n",
        "u{0},P{1},purchase,2021-01-{2},v{0}\n",
        "OPEN: behavior.user_id",
        "one of alpha, product_id, type, time, beta")]
    public void What_cannot_be_decided_is_written_as_a_skeleton(string header, string row, string said, string skeleton)
    {
        using var folder = new TemporaryFolder();
        Write(folder, header + Rows(row.Replace("0{1}", "0{3}", StringComparison.Ordinal)));
        folder.Write("p.csv", Products);
        var (open, definition, text) = Init(folder);
        Assert.Equal(1, open);
        Assert.Null(definition);
        Assert.Contains(said, text, StringComparison.Ordinal);
        Assert.Contains(
            $"{DatasetFile.Open}: {skeleton}", File.ReadAllText(folder.File("dataset.json")), StringComparison.Ordinal);
        var e = Assert.Throws<InputException>(() => DatasetFile.Read(folder.File("dataset.json")));
        Assert.Contains("is not filled in yet", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_and_payments_of_a_sale_are_not_both_taken_in_silence()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "user_id,product_id,type,time\n" + Rows("u{0},P{1},下单,2021-01-{2}\nu{0},P{1},支付,2021-01-{2}\n"));
        folder.Write("p.csv", Products);
        var (open, _, said) = Init(folder);
        Assert.Equal(1, open);
        Assert.Contains("two steps of the same purchase", said, StringComparison.Ordinal);
    }

    private static string Rows(string row) => string.Concat(Enumerable.Range(0, 60).Select(i =>
        string.Format(
            System.Globalization.CultureInfo.InvariantCulture, row, i, i % 10, $"{1 + (i % 28):00}", 1 + (i % 9))));

    private static void Write(TemporaryFolder folder, string text, string encoding = "utf-8") =>
        File.WriteAllBytes(folder.File("b.csv"), TextEncodings.Find(encoding).GetBytes(text));

    private static Dataset Read(DatasetDefinition definition) =>
        DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None);

    private static (int Open, DatasetDefinition? Definition, string Said) Init(TemporaryFolder folder)
    {
        using var said = new StringWriter();
        var console =
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(said), Ansi = AnsiSupport.No });
        console.Profile.Width = 1000;
        var open = InitCommand.Run(
            new InitPlaces(null, folder.File("b.csv"), folder.File("p.csv")),
            folder.File("dataset.json"),
            force: false,
            console,
            CancellationToken.None).Open.Count;
        return (open, open == 0 ? DatasetFile.Read(folder.File("dataset.json")) : null, said.ToString());
    }
}
