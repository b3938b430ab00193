using System.Text;
using Engine.Datasets.Behaviors;
using Engine;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;
using Trainer.Data.Rows;

namespace Trainer.Tests.Data;

public class ValidationTests
{
    private const string Good = "u,P1,buy,2024-01-01,,";

    [Theory]
    [InlineData("u,P1,pv,2024-01-01", RejectReason.WrongCellCount)]
    [InlineData("u,P1,pv,2024-01-01,1,,,", RejectReason.WrongCellCount)]
    [InlineData("\"u,P1,pv,2024-01-01,1,", RejectReason.BrokenQuotes)]
    [InlineData("u,P1,PV,2024-01-01,1,", RejectReason.UnknownType)]
    [InlineData("u,P1,,2024-01-01,1,", RejectReason.UnknownType)]
    [InlineData("u,P1,pv,,1,", RejectReason.MissingTime)]
    [InlineData("u,P1,pv,yesterday,1,", RejectReason.BadTime)]
    [InlineData("u,P1,pv,2023-02-29,1,", RejectReason.BadTime)]
    [InlineData("u,P1,share,2023-02-29,1,", RejectReason.BadTime)]
    [InlineData("u,P1,pv,1969-12-31T23:59:59,1,", RejectReason.TimeOutOfRange)]
    [InlineData("u,P1,pv,2149-06-07,1,", RejectReason.TimeOutOfRange)]
    [InlineData(",P1,pv,2024-01-01,1,", RejectReason.MissingUser)]
    [InlineData("u,,pv,2024-01-01,1,", RejectReason.MissingProduct)]
    [InlineData("u\u00e9,P1,pv,2024-01-01,1,", RejectReason.BadEncoding)] // a Latin-1 byte is no UTF-8
    [InlineData("u,P\u00e9,pv,2024-01-01,1,", RejectReason.BadEncoding)]
    [InlineData("u,p1,pv,2024-01-01,1,", RejectReason.UnknownProduct)]
    [InlineData("u,P1 ,pv,2024-01-01,1,", RejectReason.UnknownProduct)]
    [InlineData("u,P1,buy,2024-01-01,two,", RejectReason.BadCount)]
    [InlineData("u,P1,buy,2024-01-01,1.5,", RejectReason.BadCount)]
    [InlineData("u,P1,buy,2024-01-01,99999999999,", RejectReason.BadCount)]
    [InlineData("u,P1,buy,2024-01-01,0,", RejectReason.CountNotPositive)]
    [InlineData("u,P1,buy,2024-01-01,-3,", RejectReason.CountNotPositive)]
    [InlineData("u,P1,back,2024-01-01,-3,", RejectReason.CountNotPositive)]
    public void A_bad_row_is_counted_by_its_reason_with_file_line_and_text(string row, RejectReason reason)
    {
        using var table = new TableText();
        var report = table.Read(Good, row, Good).Report.Behaviors;
        Assert.Equal((3L, 2L), (report.RowsRead, report.Accepted));
        var rejection = Assert.Single(report.Rejections);
        Assert.Equal((reason, 1L), (rejection.Reason, rejection.Count));
        var first = Assert.Single(rejection.First);
        Assert.Equal("b.csv", Path.GetFileName(first.File));
        Assert.Equal(3, first.Line);
        Assert.Equal(row.Replace('\u00e9', '\uFFFD'), first.Text);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("1", 1)]
    [InlineData("12", 12)]
    [InlineData("3.0", 3)]
    [InlineData("16383", 16383)]
    [InlineData("16384", 16383)]
    public void A_count_is_one_when_empty_and_cut_when_too_large(string count, int kept)
    {
        using var table = new TableText();
        var dataset = table.Read($"u,P1,buy,2024-01-01,{count},");
        Assert.Equal([$"u P1 Purchase x{kept} 2024-01-01"], TableText.Kept(dataset));
        Assert.Equal(count == "16384", dataset.Report.Behaviors.Notes.Any(n => n.Reason == RejectReason.CountCut));
    }

    [Fact]
    public void Only_the_first_ten_rows_of_a_reason_are_kept()
    {
        using var table = new TableText();
        var rejection = table
            .Read([Good, .. Enumerable.Repeat("u,P1,what,2024-01-01,,", 25)]).Report.Behaviors.Rejections
            .Single();
        Assert.Equal(25, rejection.Count);
        Assert.Equal(Enumerable.Range(3, 10).Select(i => (long)i), rejection.First.Select(row => row.Line));
    }

    [Fact]
    public void Ids_are_case_sensitive_and_never_trimmed()
    {
        using var table = new TableText();
        var dataset =
            table.ReadText(
                "\u00ef\u00bb\u00bf" + TableText.Header.Trim() + "\r\nu,P1,buy,2024-01-01,,\r\nU,P1,buy,2024-01-01,,"
                    + "\r\n u,P1,buy,2024-01-01,,\r\n\"u\n,\"\"\",P1,buy,2024-01-01,,\r\n");
        Assert.Equal(["u", "U", " u", "u\n,\""], dataset.UserIds);
    }

    [Fact]
    public void Product_rows_are_checked_and_tags_typed()
    {
        using var table = new TableText();
        table.Products = "id,name,color,sizes,price,since\n" +
            string.Concat(Enumerable.Range(0, 8).Select(i => $"P{i},Product {i},red,S/M,{i}.5,2024-01-0{i + 1}\n")) +
            "P1,again,,,,\n,nobody,,,,\nP8,,blue,\"[\"\"M\"\", \"\"L\"\"]\",cheap,soon\nP9,Last,,,,\nshort\n";
        table.Definition = table.Definition with
        {
            Product = table.Definition.Product with
            {
                Tags =
                [
                    new TagDefinition { Column = "color" },
                    new TagDefinition { Column = "sizes", Type = TagType.Multi, Separator = "/" },
                    new TagDefinition { Column = "price", Type = TagType.Number, Statistical = true },
                    new TagDefinition { Column = "since", Type = TagType.Date },
                ],
            },
        };
        var dataset = table.Read(Good);
        var (products, report) = (dataset.Products, dataset.Report.Products);
        Assert.Equal((13L, 10L), (report.RowsRead, report.Accepted));
        Assert.Equal(
            [(RejectReason.WrongCellCount, 1L), (RejectReason.MissingProduct, 1L), (RejectReason.DuplicateProduct, 1L)],
            report.Rejections.Select(r => (r.Reason, r.Count)));
        Assert.Equal(
            [(RejectReason.MissingName, 1L), (RejectReason.BadTagValue, 2L)],
            report.Notes.Select(r => (r.Reason, r.Count)));
        Assert.Equal("Product 1", products.Names[1]);
        Assert.Equal("P8", products.Names[8]);
        var color = Assert.IsType<TextTag>(products.Tags[0]);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 1, -1], color.Codes);
        var sizes = Assert.IsType<MultiTag>(products.Tags[1]);
        Assert.Equal(["M", "L"], sizes.Codes[sizes.Offsets[8]..sizes.Offsets[9]].Select(code => sizes.Values[code]));
        var price = Assert.IsType<NumberTag>(products.Tags[2]);
        Assert.True(price.Statistical);
        Assert.Equal([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, double.NaN, double.NaN], price.Values);
        var since = Assert.IsType<DateTag>(products.Tags[3]);
        Assert.Equal(new DateOnly(2024, 1, 8), BehaviorLog.Date(since.Days[7]));
        Assert.Equal(DateTag.Empty, since.Days[8]);
        Assert.Contains(
            dataset.Report.Warnings, w => w.StartsWith("1 rows of the product table repeat", StringComparison.Ordinal));
    }

    [Fact]
    public void In_category_mode_a_key_may_repeat()
    {
        using var table = new TableText();
        table.Products += "P1,Category 1 again\n";
        table.Definition = table.Definition with { Item = ItemMode.Category };
        var report = table.Read(Good).Report.Products;
        Assert.Equal((11L, 11L, 0), (report.RowsRead, report.Accepted, report.Rejections.Count));
    }

    [Fact]
    public void Too_little_is_an_error_that_says_what_was_found()
    {
        using var table = new TableText();
        Assert.Contains(
            "no purchase among 1 usable of 1",
            Fails<InputException>(() => table.Read("u,P1,pv,2024-01-01,,")),
            StringComparison.Ordinal);
        Assert.Contains(
            "no purchase",
            Fails<InputException>(() => table.Read("u,P1,buy,2024-01-01,1,", "u,P1,back,2024-01-01,1,")),
            StringComparison.Ordinal);
        Assert.Contains(
            "UnknownProduct 1",
            Fails<InputException>(() => table.Read("u,X,buy,2024-01-01,,")),
            StringComparison.Ordinal);
        Assert.Contains(
            "no column 'count'",
            Fails<TableException>(() => table.ReadText("user,product,type,time\n")),
            StringComparison.Ordinal);
        table.Products = table.Products.Replace("P9,Product 9\n", "", StringComparison.Ordinal);
        Assert.Contains("9 usable products", Fails<InputException>(() => table.Read(Good)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_tells_of_rows_that_lie_more_than_a_year_before_all_others()
    {
        // 1609459200 s read as milliseconds: behavior of two parts in two units.
        using var table = new TableText();
        table.Definition = table.Definition with
        {
            Behavior = table.Definition.Behavior with { TimeFormat = TimeParser.UnixMilliseconds },
        };
        string[] milliseconds = ["u,P1,buy,1609459200000,,", "u,P2,buy,1640908800000,,"];
        var warning = Assert.Single(
            table.Read([.. milliseconds, "v,P1,buy,1609459200,,", "v,P2,buy,1640908800,,"]).Report.Warnings,
            IsGap);
        Assert.StartsWith(
            "2 of 4 behavior rows lie more than a year before all others: they end on 1970-01-19.",
            warning,
            StringComparison.Ordinal);
        Assert.DoesNotContain(table.Read(milliseconds).Report.Warnings, IsGap);

        static bool IsGap(string warning) => warning.Contains("before all others", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("None")]
    [InlineData("nan")]
    [InlineData("\\N")]
    public void A_warning_tells_of_a_user_id_that_is_a_word_for_nothing(string word)
    {
        using var table = new TableText();
        string[] rows = [Good, $"{word},P1,buy,2024-01-01,,", $"{word},P2,pv,2024-01-02,,"];
        Assert.Contains(
            table.Read(rows).Report.Warnings,
            warning => warning.StartsWith(
                $"2 of 3 behaviors are of the user id '{word}', which counts as one person.",
                StringComparison.Ordinal));
        Assert.DoesNotContain(
            table.Read(Good).Report.Warnings,
            warning => warning.Contains("counts as one person", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("7", "007")] // zeros that a spreadsheet took away
    [InlineData("7", "7.0")] // a data frame with an empty cell
    [InlineData("u", "u ")]
    [InlineData("u", "\"\tu\"")]
    public void A_warning_tells_of_user_ids_that_are_one_to_a_person(string id, string other)
    {
        using var table = new TableText();
        string[] rows = [$"{id},P1,buy,2024-01-01,,", $"{other},P1,buy,2024-01-01,,", "70,P1,buy,2024-01-01,,"];
        Assert.Contains(
            table.Read(rows).Report.Warnings,
            warning => warning.StartsWith("1 ids of users differ from another one only in", StringComparison.Ordinal));
        Assert.DoesNotContain(
            table.Read(rows[1..]).Report.Warnings, warning => warning.Contains("ids of users", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("p1", "P1")]
    [InlineData("P1 ", "P1")]
    [InlineData("caf\u00C3\u00A9", "cafe\u00CC\u0081")] // the bytes of a letter in its two forms
    [InlineData("nothing", null)]
    public void The_error_about_unknown_products_names_the_one_that_is_alike(string id, string? other)
    {
        using var table = new TableText { AllowedRejected = 0.05 };
        var mark = other?.Length > 2 ? Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(other)) : "x";
        table.Products += $"{mark},decomposed\n";
        var e = Fails<InputException>(() => table.Read(Good, $"u,{id},buy,2024-01-01,,"));
        Assert.Contains(
            other is null ? "complete the product table" : $"but '{(other == "P1" ? other : mark)}' is there", e, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_that_all_lie_in_1970_and_a_table_without_rows_are_refused()
    {
        using var table = new TableText();
        Assert.Contains("has no rows", Fails<InputException>(() => table.Read()), StringComparison.Ordinal);
        table.Definition = table.Definition with
        {
            Behavior = table.Definition.Behavior with { TimeFormat = "unix_milliseconds" },
        };
        Assert.Contains(
            "the latest time is 1970-01-20 16:13:20",
            Fails<InputException>(() => table.Read("u,P1,buy,1699999999,,", "u,P1,buy,1700000000,,")),
            StringComparison.Ordinal);
        table.Read("u,P1,buy,1700000000000,,");
    }

    [Fact]
    public void Warnings_tell_of_an_empty_tag_a_decimal_comma_and_lists_that_are_not_cut()
    {
        using var table = new TableText();
        table.Products = "id,name,price,color,sizes,places\n"
            + string.Concat(Enumerable.Range(0, 10).Select(i => $"P{i},n,\"{i},5\",,S|M,{(i < 9 ? "a/b" : "c;d")}\n"));
        table.Definition = table.Definition with
        {
            Product = table.Definition.Product with
            {
                Tags = [
                    new() { Column = "price", Type = TagType.Number },
                    new() { Column = "color" },
                    new() { Column = "sizes", Type = TagType.Multi },
                    new() { Column = "places", Type = TagType.Multi, Separator = ";" },
                ],
            },
        };
        var warnings = table.Read(Good).Report.Warnings;
        Assert.Contains(warnings, one => one.Contains("The tag 'color' is empty in all rows", StringComparison.Ordinal));
        Assert.Contains(warnings, one => one.Contains("set product.decimal_comma", StringComparison.Ordinal));
        Assert.StartsWith(
            "No value of the multi-valued tag 'sizes' is a list: 'S|M' counts as one value.",
            Assert.Single(warnings, one => one.Contains("multi-valued", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_tells_of_a_tag_whose_values_are_not_of_its_type()
    {
        using var table = new TableText();
        table.Products = "id,name,weight,price\n"
            + string.Concat(Enumerable.Range(0, 10).Select(i => $"P{i},n,{(i < 8 ? $"{i} kg" : "")},{i}\n"));
        table.Definition = table.Definition with
        {
            Product = table.Definition.Product with
            {
                Tags = [
                    new() { Column = "weight", Type = TagType.Number },
                    new() { Column = "price", Type = TagType.Number },
                ],
            },
        };
        Assert.StartsWith(
            "8 of 8 values of the tag 'weight' are no number and were left empty, for example '0 kg' (p.csv, line 2).",
            Assert.Single(
                table.Read(Good).Report.Warnings,
                warning => warning.Contains("of the tag", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_tell_of_short_and_small_tables()
    {
        using var table = new TableText();
        var shortOne = table.Read("u,P1,buy,2024-01-02,,", "u,P1,buy,2024-12-31,,").Report.Warnings;
        Assert.Contains(shortOne, w => w.StartsWith("Less than one year", StringComparison.Ordinal));
        var whole = table.Read("u,P1,buy,2024-01-01,,", "u,P1,buy,2024-12-31,,").Report.Warnings;
        Assert.DoesNotContain(whole, w => w.StartsWith("Less than one year", StringComparison.Ordinal));
        Assert.Contains(whole, w => w.StartsWith("Only 2 usable", StringComparison.Ordinal));
    }

    private static string Fails<T>(Action read)
        where T : Exception => Assert.Throws<T>(read).Message;
}
