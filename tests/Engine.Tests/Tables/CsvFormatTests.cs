using System.Text;
using Engine.Tables;
using Engine.Tables.Csv;
using Engine.Tables.Rows;
using Tests.Shared;

namespace Engine.Tests.Tables;

public class CsvFormatTests
{
    [Theory]
    [InlineData("a;b\n1;2\n", ";", true, "a|b 1|2")]
    [InlineData("a\tb\n1\t2,5\n", "\t", true, "a|b 1|2,5")]
    [InlineData("1|2\n3|4\n", "|", false, "column1|column2 1|2 3|4")]
    [InlineData("sep=;\r\na;b\r\n1;2\r\n", null, true, "a|b 1|2")]
    [InlineData("a,b\r1,2\r", null, true, "a|b 1|2")]
    [InlineData("1,2\n", null, false, "column1|column2 1|2")]
    public void Reads_what_the_format_says(string text, string? separator, bool header, string expected)
    {
        using var folder = new TemporaryFolder();
        using var rows = TableFile.Open(
            folder.Write("t.csv", text), null, new CsvFormat { Separator = separator?[0], Header = header });
        Assert.Equal(expected, All(rows));
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("gb18030", false)]
    [InlineData("gbk", false)]
    public void Reads_every_encoding_that_is_named_or_marked(string name, bool marked)
    {
        using var folder = new TemporaryFolder();
        var encoding = TextEncodings.Find(name);
        var preamble = name == "utf-8" ? Encoding.UTF8.GetPreamble() : encoding.GetPreamble();
        File.WriteAllBytes(folder.File("t.csv"), [.. marked ? preamble : [], .. encoding.GetBytes("名称,b\n红茶,2\n")]);
        using var rows = TableFile.Open(folder.File("t.csv"), null, new CsvFormat { Encoding = marked ? null : name });
        Assert.Equal("名称|b 红茶|2", All(rows));
    }

    [Theory]
    [InlineData("a;b;c\n1;2,5;3\n4;5,5;6\n", "utf-8", null, ';')]
    [InlineData("a\tb\n1\t2\n", "utf-8", null, '\t')]
    [InlineData("a,b\n1,2;3\n", "utf-8", null, null)]
    [InlineData("a\n1\n", "utf-8", null, null)]
    [InlineData("id,名称\nP1,红茶\nP2,绿茶\n", "utf-8", null, null)]
    [InlineData("id,名称\nP1,红茶\nP2,绿茶\n", "gb18030", "gb18030", null)]
    [InlineData("id;行为\nP1;购买\n", "gb18030", "gb18030", ';')]
    [InlineData("id,name\nP1,Caf\u00e9 cr\u00e8me\nP2,Th\u00e9 vert\n", "iso-8859-1", "windows-1252", null)]
    [InlineData("id,name\nP1,tea\n", "utf-16", "utf-16", null)]
    [InlineData("id,name\nP1,tea\n", "utf-16be", "utf-16be", null)]
    public void The_sniffer_names_separator_and_encoding(string text, string written, string? encoding, char? separator)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("t.csv"), TextEncodings.Find(written).GetBytes(text));
        var found = CsvSniffer.Inspect(folder.File("t.csv"));
        Assert.Equal((encoding, separator), (found.Encoding, found.Separator));
    }

    [Fact]
    public void A_late_line_that_is_not_utf8_is_found()
    {
        using var folder = new TemporaryFolder();
        var text =
            "id,name\n" + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"P{i},plain tea\n")) + "P,红茶\n";
        File.WriteAllBytes(folder.File("t.csv"), TextEncodings.Find("gbk").GetBytes(text));
        Assert.Equal("gb18030", CsvSniffer.Inspect(folder.File("t.csv")).Encoding);
    }

    [Theory]
    [InlineData("utf-16", null, "it looks like utf-16: set 'encoding' to 'utf-16'")]
    [InlineData("utf-8", "utf-16", "Its text is not utf-16; it looks like UTF-8: remove 'encoding'")]
    public void A_header_in_another_encoding_is_named_in_a_short_message(string written, string? named, string hint)
    {
        using var folder = new TemporaryFolder();
        var text = "user_id,b\n" + string.Concat(Enumerable.Repeat("u1,22\n", 1000));
        File.WriteAllBytes(folder.File("t.csv"), TextEncodings.Find(written).GetBytes(text));
        var e = Assert.Throws<TableException>(
            () => TableFile.Open(folder.File("t.csv"), ["user_id"], new CsvFormat { Encoding = named }));
        Assert.Contains(hint, e.Message, StringComparison.Ordinal);
        Assert.True(e.Message.Length < 1000, $"{e.Message.Length} characters");
    }

    [Theory]
    [InlineData("a;b\n1;2\n", "separator looks like ';'")]
    [InlineData("a\tb\n1\t2\n", "separator looks like a tab")]
    [InlineData("u1,p1\nu2,p2\n", "set 'header' to false")]
    public void A_missing_column_is_explained_by_its_cause(string text, string words)
    {
        using var folder = new TemporaryFolder();
        var e = Assert.Throws<TableException>(() => TableFile.Open(folder.Write("t.csv", text), ["a", "b"]));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_contradicts_the_mapping_or_is_no_encoding_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.csv", "sep=;\na;b\n");
        Assert.Contains(
            "begins with 'sep=;'",
            Assert.Throws<TableException>(() => TableFile.Open(path, null, new CsvFormat { Separator = '|' })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "found the encoding 'klingon'",
            Assert.Throws<TableException>(() => TextEncodings.Find("klingon")).Message,
            StringComparison.Ordinal);
    }

    private static string All(TableReader rows)
    {
        var lines = new List<string> { string.Join('|', rows.Columns) };
        while (rows.Read())
        {
            lines.Add(string.Join('|', Enumerable.Range(0, rows.Columns.Count).Select(i => rows.Text(i).ToString())));
        }

        return string.Join(' ', lines);
    }
}
