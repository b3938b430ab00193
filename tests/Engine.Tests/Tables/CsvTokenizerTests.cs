using System.Text;
using CsCheck;
using Engine.Tables;
using Engine.Tables.Csv;
using Engine.Tables.Rows;
using Tests.Shared;

namespace Engine.Tests.Tables;

public class CsvTokenizerTests
{
    [Theory]
    [InlineData("a,b\n1,2\n", "1:a|b 2:1|2")]
    [InlineData("a,b\r\n1,2\r\n", "1:a|b 2:1|2")]
    [InlineData("a,b\n1,2", "1:a|b 2:1|2")]
    [InlineData("a,b\r\n1,2\r", "1:a|b 2:1|2")]
    [InlineData("a\n\n\r\nb\n", "1:a 4:b")]
    [InlineData(",\n,,\n", "1:| 2:||")]
    [InlineData("\"\"\n\"a\"\n", "1: 2:a")]
    [InlineData("\"a,b\",\"c\"\"d\"\n", "1:a,b|c\"d")]
    [InlineData("\"x\ny\",1\nz,2\n", "1:x\ny|1 3:z|2")]
    [InlineData("\"x\r\ny\",1\r\nz,2", "1:x\r\ny|1 3:z|2")]
    [InlineData("x\"y,1\n", "1:x\"y|1")]
    [InlineData("#not a comment,1\n", "1:#not a comment|1")]
    [InlineData("1, 2 \n", "1:1| 2 ")]
    [InlineData("\"x\"y,1\n3,4\n", "1:BrokenQuotes 2:3|4")]
    [InlineData("1,2\n\"x,1\n3,4\n5,6", "1:1|2 2:BrokenQuotes 3:3|4 4:5|6")]
    [InlineData("\"x,1\n\"ok\",2\n", "1:BrokenQuotes 2:ok|2")]
    [InlineData("a,b\r1,2\r\r3,4", "1:a|b 2:1|2 4:3|4")]
    [InlineData("a,b\r\"x,y\",2\r", "1:a|b 2:x,y|2")]
    [InlineData("a,b\n1\r2,3\n", "1:a|b 2:1\r2|3")]
    [InlineData("", "")]
    [InlineData("\n\n", "")]
    public void Cuts_records(string text, string expected)
    {
        for (var buffer = 1; buffer < 12; buffer++)
        {
            Assert.Equal(expected, Describe(text, buffer));
        }
    }

    [Fact]
    public void Reads_back_what_the_writer_wrote_whatever_the_buffer()
    {
        var cell = Gen.String[Gen.Char["a,\"\n\ré漢"], 0, 6];
        Gen.Select(cell.Array[3].Array[1, 6], Gen.Int[1, 40]).Sample((rows, buffer) =>
        {
            using var folder = new TemporaryFolder();
            var path = folder.File("t.csv");
            TableColumn[] columns = [new("x", ColumnType.Text), new("y", ColumnType.Text), new("z", ColumnType.Text)];
            using (var writer = TableFile.Create(path, columns))
            {
                foreach (var row in rows)
                {
                    Array.ForEach(row, value => writer.Write(value));
                    writer.EndRow();
                }

                writer.Complete();
            }

            using var text = new StreamReader(path, Encoding.UTF8);
            var tokens = new CsvTokenizer(text, buffer);
            Assert.True(tokens.Read());
            foreach (var row in rows)
            {
                Assert.True(tokens.Read());
                Assert.Equal(row, Enumerable.Range(0, tokens.Count).Select(i => tokens.Cell(i).ToString()));
            }

            Assert.False(tokens.Read());
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void A_quote_that_never_closes_costs_one_line_of_a_large_file()
    {
        var text = new StringBuilder("\"open,1\n");
        const int Rows = 700_000;
        for (var i = 0; i < Rows; i++)
        {
            text.Append("abcdef,1\n");
        }

        var tokens = new CsvTokenizer(new StringReader(text.ToString()));
        var (good, broken) = (0, 0);
        while (tokens.Read())
        {
            good += tokens.Fault == RowFault.None ? 1 : 0;
            broken += tokens.Fault == RowFault.BrokenQuotes ? 1 : 0;
        }

        Assert.Equal((Rows, 1), (good, broken));
        Assert.Equal(Rows + 1, tokens.Line);
    }

    [Fact]
    public void A_file_without_line_ends_is_refused()
    {
        var tokens = new CsvTokenizer(new StringReader(new string('x', 3 * CsvTokenizer.MaxRecord)));
        var e = Assert.Throws<TableException>(() => tokens.Read());
        Assert.Contains("line 1 is longer", e.Message, StringComparison.Ordinal);
    }

    private static string Describe(string text, int buffer)
    {
        var tokens = new CsvTokenizer(new StringReader(text), buffer);
        var rows = new List<string>();
        while (tokens.Read())
        {
            var cells = Enumerable.Range(0, tokens.Count).Select(i => tokens.Cell(i).ToString());
            rows.Add(
                $"{tokens.Line}:{(tokens.Fault == RowFault.None ? string.Join('|', cells) : tokens.Fault.ToString())}");
        }

        return string.Join(' ', rows);
    }
}
