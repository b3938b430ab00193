using Engine;
using Engine.Datasets.Mapping;

namespace Trainer.Tests.Data;

/// <summary>Tables that can be read and say something else than their owner thinks.</summary>
public sealed class OddDataTests : IDisposable
{
    private readonly TableText _table = new();

    public void Dispose() => _table.Dispose();

    [Theory]
    [InlineData("u\u00E2\u0080\u008B", "'u\\u200B' and 'u' count as two")] // the bytes of a space without width
    [InlineData("\u00EF\u00BB\u00BFu", "'\\uFEFFu' and 'u' count as two")]
    [InlineData("\u00EF\u00BD\u0095", "marks that cannot be seen: '\uFF55' and 'u' count as two")]
    [InlineData("U", "upper and lower case: 'U' and 'u' count as two")]
    [InlineData("1.23457E+12", "1 ids of users are rounded numbers, such as '1.23457E+12'")]
    [InlineData("4e+9", "1 ids of users are rounded numbers, such as '4e+9'")]
    [InlineData("v", null)]
    [InlineData("1e10", null)]
    [InlineData("E+5", null)]
    [InlineData("a1E+5", null)]
    [InlineData("1E+555", null)]
    public void A_warning_tells_of_ids_that_programs_changed(string id, string? said) =>
        ContainsOne(said, "ids of users", $"{id},P1,buy,2024-01-01,,", "u,P1,buy,2024-01-01,,");

    [Fact]
    public void Few_ids_in_both_cases_are_chance()
    {
        var rows = Enumerable.Range(0, 200).Select(i => $"u{i},P1,buy,2024-01-01,,").Append("U7,P1,buy,2024-01-01,,");
        Assert.DoesNotContain(
            _table.Read(rows).Report.Warnings, one => one.Contains("upper", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, "100 of 1,099 behaviors are of the user id '0', which counts as one person")]
    [InlineData(20, null)]
    public void A_warning_tells_of_a_user_with_far_more_rows_than_others(int rows, string? said) => ContainsOne(
        said,
        "counts as one person",
        [
            .. Enumerable.Repeat("0,P1,pv,2024-01-01,,", rows),
            .. Enumerable.Range(1, 999).Select(i => $"{i},P1,buy,2024-01-01,,"),
        ]);

    [Theory]
    [InlineData("text", "NULL")]
    [InlineData("multi", "a;NaN")]
    [InlineData("multi", "none;NA")]
    public void A_warning_tells_of_a_tag_with_a_word_for_nothing(string type, string cell)
    {
        _table.Products = "id,name,color\n"
            + string.Concat(Enumerable.Range(0, 10).Select(i => $"P{i},n,{(i < 3 ? cell : "red;blue")}\n"));
        var kind = Enum.Parse<TagType>(type, ignoreCase: true);
        Tag(new() { Column = "color", Type = kind, Separator = kind == TagType.Multi ? ";" : null });
        ContainsOne(
            cell.Contains("none", StringComparison.Ordinal) ? null
                : $"The tag 'color' of 3 products is the text '{cell[(cell.IndexOf(';') + 1)..]}'",
            "which counts as a value",
            "u,P1,buy,2024-01-01,,");
    }

    [Theory]
    [InlineData("\"{red,blue}\"")]
    [InlineData("\"['red','blue']\"")]
    [InlineData("\"{\"\"red\"\":1}\"")]
    public void Lists_of_other_programs_are_not_cut_with_their_brackets(string cell)
    {
        _table.Products = "id,name,color\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"P{i},n,{cell}\n"));
        Tag(new() { Column = "color", Type = TagType.Multi, Separator = "," });
        ContainsOne(
            "10 of 10 values of the tag 'color' are no JSON list and were left empty", "values of the tag",
            "u,P1,buy,2024-01-01,,");
    }

    [Theory]
    [InlineData("01/05/2024", "12/31/2024", "1 times cannot be read as day_first, and most of the first as month_")]
    [InlineData("01/05/2024", "32/31/2024", null)]
    [InlineData("2024-05-01", "", null)]
    public void A_warning_tells_of_times_with_day_and_month_the_other_way_round(string good, string bad, string? said)
    {
        Times("day_first");
        ContainsOne(said, "cannot be read as", $"u,P1,buy,{good},,", $"v,P1,buy,{bad},,");
    }

    [Theory]
    [InlineData(3, "only 3 rows are later than 2024-04-09")]
    [InlineData(6, null)]
    public void A_warning_tells_of_latest_rows_behind_a_gap(int late, string? said)
    {
        var rows = Enumerable.Range(0, 100).Select(i => $"u,P1,buy,{new DateOnly(2024, 1, 1).AddDays(i):yyyy-MM-dd},,");
        ContainsOne(said, "The latest time", [.. rows, .. Enumerable.Repeat("u,P1,pv,2024-12-31,,", late)]);
        string[] seasons = [.. rows, .. Enumerable.Repeat("u,P1,pv,2023-09-01,,", 3), "u,P1,pv,2024-07-01,,"];
        ContainsOne(null, "only 3 rows", [.. seasons, "u,P1,pv,2024-07-02,,", "u,P1,pv,2024-07-02,,"]);
    }

    [Theory]
    [InlineData("R1", "2 of 2 refunds found no purchase")]
    [InlineData("A", null)]
    [InlineData("", null)]
    public void A_warning_tells_of_refunds_that_cancel_nothing(string order, string? said) => ContainsOne(
        said,
        "refunds found no purchase",
        "u,P1,buy,2024-01-01,,A",
        "v,P1,buy,2024-01-01,,A",
        "v,P2,buy,2024-01-01,,B",
        $"u,P1,back,2024-01-02,,{order}",
        $"v,P1,back,2024-01-02,,{order}");

    [Theory]
    [InlineData("windows-1252", "Caf\u00E9 \u540D\u5B57", "'Caf\u00E9 \u540D\u5B57' was read as")]
    [InlineData("gb18030", "Caf\u00E9 cr\u00E8me", "found UTF-8; expected gb18030")]
    [InlineData("gb18030", "plain", null)]
    [InlineData("utf-8", "Caf\u00E9 \u540D\u5B57", null)]
    public void Names_in_another_encoding_than_the_mapping_says_are_refused(string encoding, string name, string? said)
    {
        _table.Products = "id,name\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"P{i},{name}\n"));
        _table.Definition = _table.Definition with
        {
            Product = _table.Definition.Product with { Encoding = encoding },
        };
        var read = () => _table.Read("u,P1,buy,2024-01-01,,");
        if (said is null)
        {
            Assert.Equal(name, read().Products.Names[3]);
        }
        else
        {
            Assert.Contains(said, Assert.Throws<InputException>(read).Message, StringComparison.Ordinal);
        }
    }

    private void ContainsOne(string? said, string about, params string[] rows)
    {
        var found = _table.Read(rows).Report.Warnings.Where(one => one.Contains(about, StringComparison.Ordinal));
        if (said is null)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.Contains(said, Assert.Single(found), StringComparison.Ordinal);
        }
    }

    private void Times(string format) => _table.Definition = _table.Definition with
    {
        Behavior = _table.Definition.Behavior with { TimeFormat = format },
    };

    private void Tag(TagDefinition tag) => _table.Definition = _table.Definition with
    {
        Product = _table.Definition.Product with { Tags = [tag] },
    };
}
