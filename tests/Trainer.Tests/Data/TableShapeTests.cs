using Engine.Datasets.Behaviors;
using System.IO.Compression;
using System.Text;
using Engine;
using Engine.Tables;
using Engine.Tables.Csv;
using Engine.Tables.Rows;
using Tests.Shared;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;

namespace Trainer.Tests.Data;

/// <summary>What a mapping can say of a table's shape, and what becomes of rows that cannot be right.</summary>
public class TableShapeTests
{
    private const string Good = "u,P1,buy,2024-01-01,,";

    [Fact]
    public void A_constant_type_stands_for_every_row()
    {
        using var table = new TableText();
        table.Definition = table.Definition with
        {
            Behavior = table.Definition.Behavior with
            {
                Type = null,
                Types = new Dictionary<string, BehaviorKind>(),
                ConstantType = BehaviorKind.Purchase,
                Count = null,
                OrderId = null,
            },
        };
        Assert.Equal(
            ["u P1 Purchase x1 2024-01-01", "v P2 Purchase x1 2024-01-02"],
            TableText.Kept(table.ReadText("user,product,time\nu,P1,2024-01-01\nv,P2,2024-01-02\n")));
    }

    [Fact]
    public void A_column_per_type_gives_a_behavior_for_each_flag_and_count()
    {
        using var table = new TableText();
        table.Definition = table.Definition with
        {
            Behavior = table.Definition.Behavior with
            {
                Type = null,
                Types = new Dictionary<string, BehaviorKind>(),
                Count = null,
                OrderId = null,
                TypeColumns = new Dictionary<string, BehaviorKind>
                {
                    ["cart"] = BehaviorKind.Cart,
                    ["buy"] = BehaviorKind.Purchase,
                    ["back"] = BehaviorKind.Refund,
                },
            },
        };
        var dataset =
            table.ReadText(
                "user,product,time,cart,buy,back\nu,P1,2024-01-01,1,3,0\nu,P2,2024-01-02,true,,no\nu,P3,2024-01-09,0,0,"
                + "0\nu,P1,2024-01-03,0,,1\nu,P4,2024-01-03,x,what,\n");
        Assert.Equal(
            [
                "u P1 Cart x1 2024-01-01",
                "u P1 Purchase x2 2024-01-01",
                "u P2 Cart x1 2024-01-02",
                "u P4 Cart x1 2024-01-03",
            ],
            TableText.Kept(dataset));
        Assert.Equal(new DateOnly(2024, 1, 9), dataset.LastBehaviorDay);
        Assert.Equal(RejectReason.BadCount, dataset.Report.Behaviors.Rejections.Single().Reason);
    }

    [Theory]
    [InlineData(null, "R1 P3 x2|R2 P3 x0|R3 P3 x2|R4 P3 x1")]
    [InlineData(NegativeCount.Refund, "R1 P3 x0|R2 P3 x0|R3 P3 x0|R4 P3 x1")]
    public void Negative_counts_are_refunds_where_the_mapping_says_so(NegativeCount? negative, string expected)
    {
        using var table = new TableText();
        table.Definition =
            table.Definition with { Behavior = table.Definition.Behavior with { NegativeCount = negative } };
        var dataset = table.Read(
            "R1,P3,buy,2021-04-11T10:00:00,2,5001", "R1,P3,back,2021-04-12T10:00:00,-2,5001",
            "R2,P3,buy,2021-04-11T10:00:00,2,5002", "R2,P3,back,2021-04-12T10:00:00,2,5002",
            "R3,P3,buy,2021-04-11T10:00:00,2,5003",
            "R3,P3,buy,2021-04-12T10:00:00,-2,C9999",
            "R3,P3,pv,2021-04-12T10:00:00,-1,",
            "R4,P3,buy,2021-04-12T10:00:00,1,");
        Assert.Equal(
            expected,
            string.Join(
                '|',
                TableText.Kept(dataset).Select(row => row.Split(' ')).Select(row => $"{row[0]} {row[1]} {row[3]}")));
    }

    [Theory]
    // the invoice behind the letter goes before later ones
    [InlineData("buy 01 x2 5001; buy 02 x2 5003; back 03 x-2 C5001", "01x0 02x2")]
    [InlineData("buy 01 x2 5001; buy 02 x1 5003; back 03 x-2 C7", "01x1 02x0")] // a number of its own: the latest first
    [InlineData("buy 01 x2 5001; back 03 x2 C5001", "01x2")] // a plain refund keeps to its order
    public void A_credit_note_finds_the_purchase_of_its_invoice(string rows, string left)
    {
        using var table = new TableText();
        table.Definition = table.Definition with
        {
            Behavior = table.Definition.Behavior with { NegativeCount = NegativeCount.Refund },
        };
        var dataset =
            table.Read(
                [
                    .. rows.Split("; ")
                        .Select(row => row.Split(' '))
                        .Select(row => $"u,P1,{row[0]},2024-03-{row[1]},{row[2][1..]},{row[3]}"),
                    "other,P1,buy,2024-01-01,1,A",
                ]);
        Assert.Equal(
            left,
            string.Join(
                ' ',
                TableText.Kept(dataset).Where(row => row[0] == 'u').Select(row => row.Split(' '))
                    .Select(row => $"{row[4][^2..]}{row[3]}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void More_than_a_twentieth_of_rejected_rows_ends_the_reading_with_their_cause()
    {
        using var table = new TableText { AllowedRejected = DatasetReader.AllowedRejected };
        var rows = Enumerable.Range(0, 19).Select(i => $"u{i},P1,buy,2024-01-01,,").ToList();
        Assert.Equal(20, table.Read([.. rows, "x,P1,buy,yesterday,,"]).Report.Behaviors.RowsRead);
        var e =
            Assert.Throws<InputException>(() => table.Read([.. rows, "x,P1,buy,yesterday,,", "x,P1,buy,1719798840,,"]));
        Assert.Contains("2 of 21 rows of the behavior table are rejected, 9.5 %", e.Message, StringComparison.Ordinal);
        Assert.Contains(
            "unreadable time, for example 'yesterday' (b.csv, line 21)", e.Message, StringComparison.Ordinal);
        table.AllowedRejected = 0.1;
        Assert.Equal(
            19, table.Read([.. rows, "x,P1,buy,yesterday,,", "x,P1,buy,1719798840,,"]).Report.Behaviors.Accepted);
    }

    [Fact]
    public void A_twentieth_of_one_behavior_type_is_enough()
    {
        using var table = new TableText { AllowedRejected = DatasetReader.AllowedRejected };
        var rows = Enumerable.Range(0, 100).Select(i => $"u{i},P1,pv,2024-01-01,,").ToList();
        var e = Assert.Throws<InputException>(() => table.Read([.. rows, Good, "u,P1,buy,2024-01-01,-1,"]));
        Assert.Contains("1 of 2 'purchase' rows", e.Message, StringComparison.Ordinal);
        Assert.Contains("negative_count", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_times_are_not_blamed_on_purchases()
    {
        using var table = new TableText { AllowedRejected = DatasetReader.AllowedRejected };
        var e = Assert.Throws<InputException>(
            () => table.Read(Enumerable.Range(0, 20).Select(i => $"u{i},P1,buy,1719798840,,")));
        Assert.Contains("all 20 rows", e.Message, StringComparison.Ordinal);
        Assert.Contains(
            "for example '1719798840' (b.csv, line 2): set behavior.time_format to unix_seconds",
            e.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("purchase among", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_in_another_encoding_is_named_and_read_when_the_mapping_names_it()
    {
        using var folder = new TemporaryFolder();
        var gbk = TextEncodings.Find("gbk");
        var behaviors = "用户ID,商品编号,行为类型,时间\n" + string.Concat(
            Enumerable.Range(0, 20).Select(i => $"u{i},P{i % 10},{(i % 2 == 0 ? "购买" : "浏览")},2024-01-01\n"));
        File.WriteAllBytes(folder.File("b.csv"), gbk.GetBytes(behaviors));
        File.WriteAllBytes(
            folder.File("p.csv"),
            gbk.GetBytes("商品编号,名称\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"P{i},龙井茶\n"))));
        var definition = new DatasetDefinition
        {
            Behavior = new BehaviorTable
            {
                Files = [folder.File("b.csv")],
                UserId = "用户ID",
                ProductId = "商品编号",
                Type = "行为类型",
                Time = "时间",
                Types = new Dictionary<string, BehaviorKind>
                {
                    ["购买"] = BehaviorKind.Purchase,
                    ["浏览"] = BehaviorKind.View,
                },
                Encoding = "gbk",
            },
            Product = new ProductTable
            {
                Files = [folder.File("p.csv")],
                ProductId = "商品编号",
                ProductName = "名称",
                Encoding = "gb18030",
            },
        };
        var dataset = DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None);
        Assert.Equal(("龙井茶", 10L), (dataset.Products.Names[0], dataset.Report.Kinds[BehaviorKind.Purchase]));

        var e = Assert.Throws<TableException>(() => DatasetReader.Read(
            definition with { Behavior = definition.Behavior with { Encoding = null } },
            NoProgress.Instance,
            CancellationToken.None));
        Assert.Contains("looks like gb18030", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_not_text_are_refused_when_many_and_never_kept()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.csv", "u,p,t,z\nu,P1,buy,2024-01-01\n");
        File.WriteAllBytes(
            folder.File("p.csv"),
            Encoding.Latin1.GetBytes(
                "id,name\n"
                + string.Concat(Enumerable.Range(0, 30).Select(i => $"P{i},{(i == 3 ? "caf\u00e9" : "tea")}\n"))));
        var definition = new DatasetDefinition
        {
            Behavior = new BehaviorTable
            {
                Files = [folder.File("b.csv")],
                UserId = "u",
                ProductId = "p",
                Type = "t",
                Time = "z",
                Types = new Dictionary<string, BehaviorKind> { ["buy"] = BehaviorKind.Purchase },
            },
            Product = new ProductTable { Files = [folder.File("p.csv")], ProductId = "id", ProductName = "name" },
        };
        var dataset = DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None);
        Assert.Equal("P3", dataset.Products.Names[3]);
        Assert.Contains(
            dataset.Report.Warnings,
            warning => warning.Contains("are not text in its encoding", StringComparison.Ordinal)
                && warning.Contains("line 5", StringComparison.Ordinal));
        var e = Assert.Throws<InputException>(
            () => DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None, allowedRejected: 0));
        Assert.Contains("set product.encoding; the file looks like windows-1252", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_far_future_rows_do_not_shift_the_scope()
    {
        using var table = new TableText();
        var rows =
            Enumerable.Range(0, 72).Select(i => $"u{i},P{i % 10},buy,2021-0{1 + (i % 7)}-15T10:00:00,,").ToList();
        var e = Assert.Throws<InputException>(
            () => table.Read([.. rows, "u,P1,buy,2099-12-31,,", "u,P1,buy,2098-12-31,,"]));
        Assert.Contains("the latest time is 2099-12-31 00:00:00", e.Message, StringComparison.Ordinal);
        Assert.Contains("line 74", e.Message, StringComparison.Ordinal);
        Assert.Contains("2 of 74 rows", e.Message, StringComparison.Ordinal);
        table.Definition =
            table.Definition with { Behavior = table.Definition.Behavior with { LatestTime = "2021-12-31T23:59:59" } };
        var dataset = table.Read([.. rows, "u,P1,buy,2099-12-31,,"]);
        Assert.Equal(
            (new DateOnly(2021, 7, 15), RejectReason.TimeTooLate),
            (dataset.LastBehaviorDay, dataset.Report.Behaviors.Rejections.Single().Reason));
    }

    [Fact]
    public void Different_offsets_keep_their_wall_clocks_and_are_said()
    {
        using var table = new TableText();
        var dataset = table.Read("u,P1,buy,2024-01-01T23:30:00+08:00,,", "u,P2,buy,2024-01-02T00:30:00Z,,");
        Assert.Equal(["u P1 Purchase x1 2024-01-01", "u P2 Purchase x1 2024-01-02"], TableText.Kept(dataset));
        Assert.Contains(
            dataset.Report.Warnings,
            warning => warning.Contains("2 different offsets from UTC (+00:00, +08:00)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2024-01-02 10:00:00 EST", "(+00:00, EST)", "the rarest, EST.")]
    [InlineData("2024-01-02T10:00:00", "(none, +00:00)", "the rarest, none.")]
    [InlineData("2024/1/2", "(none, +00:00)", "the rarest, none.")]
    public void One_time_with_the_name_of_another_zone_or_without_one_is_said(string odd, string all, string rarest)
    {
        using var table = new TableText();
        var dataset = table.Read(
            "u,P1,buy,2024-01-01 23:30:00 UTC,,", $"u,P2,buy,{odd},,", "v,P1,buy,2024-01-03T01:00:00Z,,");
        var said = Assert.Single(dataset.Report.Warnings, warning => warning.Contains(all, StringComparison.Ordinal));
        Assert.EndsWith($"1 of 3 times have {rarest}", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_repeat_another_are_counted_and_kept()
    {
        using var table = new TableText();
        var dataset = table.Read(
            "u,P1,buy,2024-01-01,1,A", "u,P1,buy,2024-01-01,1,A", "u,P1,buy,2024-01-01,1,B", "u,P1,buy,2024-01-01,1,A");
        Assert.Equal(
            (2L, false, 4L), (dataset.Report.RepeatedRows, dataset.Report.RepeatedIsEstimate, dataset.Behaviors.Count));
        Assert.Contains(
            dataset.Report.Warnings,
            warning => warning.StartsWith(
                "2 of 4 behavior rows repeat an earlier row exactly. All were kept.", StringComparison.Ordinal)
                && warning.Contains("line 3: u,P1,buy,2024-01-01,1,A", StringComparison.Ordinal));
    }

    [Fact]
    public void Repeated_rows_are_dropped_where_the_mapping_says_so()
    {
        using var table = new TableText();
        table.Definition =
            table.Definition with { Behavior = table.Definition.Behavior with { Duplicates = DuplicateRows.Drop } };
        var dataset = table.Read(
            "u,P1,buy,2024-01-01,1,A",
            "u,P1,buy,2024-01-01,1,A",
            "u,P1,buy,2024-01-01,2,A",
            "u,P1,back,2024-01-02,1,A",
            "u,P1,back,2024-01-02,1,A");
        Assert.Equal(
            ["u P1 Purchase x1 2024-01-01", "u P1 Purchase x1 2024-01-01"],
            TableText.Kept(dataset).Order(StringComparer.Ordinal));
        Assert.Equal(
            (2L, 3L),
            (
                dataset.Report.Behaviors.Rejections.Single(
                    rejection => rejection.Reason == RejectReason.Duplicate).Count,
                dataset.Report.Behaviors.Accepted));
        Assert.Contains(
            dataset.Report.Warnings,
            warning => warning.StartsWith(
                "2 of 5 behavior rows repeat an earlier row exactly and were dropped", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_rows_are_compared_by_a_sample()
    {
        var rows = new RepeatedRows(mostBits: 10);
        for (var i = 0; i < 40_000; i++)
        {
            rows.Add(TextHash.Compute($"row {i % 30_000}"));
        }

        Assert.True(rows.IsEstimate);
        Assert.InRange(rows.Count, 7_000, 13_000);
    }

    [Fact]
    public void A_file_that_repeats_another_is_refused()
    {
        using var folder = new TemporaryFolder();
        var text = "a,b\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},x\n"));
        folder.Write("part-0.csv", text);
        Zip(folder.File("part-0.csv.gz"), text);
        Refused(folder.Path, "part-0.csv and ", "have the same name");
        File.Move(folder.File("part-0.csv.gz"), folder.File("copy.csv.gz"));
        Refused(folder.Path, "copy.csv.gz", "hold the same rows");
        Zip(folder.File("copy.csv.gz"), text.Replace("49,x", "49,y", StringComparison.Ordinal));
        using var rows = TableFile.Open(folder.Path);
        Assert.Equal(["a", "b"], rows.Columns);
        var twice = Assert.Throws<TableException>(() => TableFile.Open([folder.Path, folder.File("part-0.csv")]));
        Assert.Contains("is given twice", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_with_a_header_alone_may_be_alike()
    {
        using var folder = new TemporaryFolder();
        folder.Write("part-0.csv", "a,b\n");
        folder.Write("part-1.csv", "a,b\n");
        using var rows = TableFile.Open(folder.Path);
        Assert.False(rows.Read());
    }

    private static void Refused(string path, params string[] words)
    {
        var e = Assert.Throws<TableException>(() => TableFile.Open(path));
        Assert.All(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
    }

    private static void Zip(string path, string text)
    {
        using var zip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        zip.Write(Encoding.UTF8.GetBytes(text));
    }
}
