using System.Text;
using Engine.Tables;
using Engine.Tables.Rows;
using Tests.Shared;

namespace Engine.Tests.Tables;

public class TableRoundTripTests
{
    private static readonly TableColumn[] Columns =
    [
        new("id", ColumnType.Text),
        new("count", ColumnType.WholeNumber),
        new("price", ColumnType.Number),
        new("at", ColumnType.Time),
    ];

    [Theory]
    [InlineData("t.csv")]
    [InlineData("t.csv.gz")]
    [InlineData("t.parquet")]
    public void Every_format_reads_back_with_nulls_and_row_numbers(string name)
    {
        using var folder = new TemporaryFolder();
        const int Rows = 140_000; // more than one Parquet row group
        Write(folder.File(name), Rows);

        using var reader = TableFile.Open(folder.File(name), ["at", "id", "count", "price"]);
        var header = name.EndsWith("parquet", StringComparison.Ordinal) ? 0 : 1;
        for (var i = 0; i < Rows; i++)
        {
            Assert.True(reader.Read());
            Assert.Equal(i + 1 + header, reader.Line);
            Assert.Equal(i % 3 == 0 ? "" : $"u,{i}", reader.Text(1).ToString());
            Assert.Equal(i % 5 == 0 ? "" : $"{-i}", reader.Text(2).ToString());
            Assert.Equal(i % 7 == 0 ? "" : i % 2 == 0 ? $"{i / 2}" : $"{i / 2}.5", reader.Text(3).ToString());
            var time = new DateTime(2024, 2, 29, 23, 59, 0).AddSeconds(i).AddMilliseconds(i % 2 * 120);
            var text = i % 11 == 0 ? "" : i % 2 == 0 ? time.ToString("s") : time.ToString("yyyy-MM-ddTHH:mm:ss.fff");
            Assert.Equal(text, reader.Text(0).ToString().TrimEnd('0').PadRight(text.Length, '0'));
        }

        Assert.False(reader.Read());
    }

    [Fact]
    public void Damage_in_a_later_row_group_is_said_when_its_rows_are_asked_for()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("t.parquet");
        Write(file, 140_000);
        using (var stream = File.OpenWrite(file))
        {
            // The second row group has the last 6 % of the rows; the footer is shorter than 4 KB.
            stream.Position = stream.Length * 97 / 100;
            stream.Write(Enumerable.Repeat((byte)0xFF, (int)(stream.Length - stream.Position) - 4096).ToArray());
        }

        using (var unasked = TableFile.Open(file))
        {
            Assert.True(unasked.Read());
        }

        using var reader = TableFile.Open(file);
        for (var row = 0; row < 1 << 17; row++)
        {
            Assert.True(reader.Read());
        }

        Assert.Contains(
            "cannot be read as Parquet",
            Assert.Throws<TableException>(() => reader.Read()).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t.csv.gz")]
    [InlineData("t.parquet")]
    public void The_same_rows_give_the_same_bytes(string name)
    {
        using var folder = new TemporaryFolder();
        Write(folder.File(name), 1000);
        var first = File.ReadAllBytes(folder.File(name));
        Write(folder.File(name), 1000);
        Assert.Equal(first, File.ReadAllBytes(folder.File(name)));
    }

    [Theory]
    [InlineData("t.csv")]
    [InlineData("t.parquet")]
    public void Without_complete_nothing_appears_and_the_old_file_stays(string name)
    {
        using var folder = new TemporaryFolder();
        folder.Write(name, "old");
        using (var writer = TableFile.Create(folder.File(name), Columns))
        {
            writer.Write("x");
        }

        Assert.Equal([folder.File(name)], Directory.GetFiles(folder.Path));
        Assert.Equal("old", File.ReadAllText(folder.File(name)));
    }

    [Fact]
    public void A_folder_is_one_table_in_the_order_of_names_with_columns_in_any_order()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.csv", "v,k\r\n3,c\r\n");
        File.WriteAllText(folder.File("a.csv"), "k,v\n\"a\",1\n\"b\nb\",2\n", new UTF8Encoding(true));
        folder.Write("notes.txt", "not a table");
        using var reader = TableFile.Open(folder.Path);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add($"{Path.GetFileName(reader.File)}:{reader.Line} {reader.Text(0)}={reader.Text(1)}");
        }

        Assert.Equal(["k", "v"], reader.Columns);
        Assert.Equal(["a.csv:2 a=1", "a.csv:3 b\nb=2", "b.csv:2 c=3"], rows);
        Assert.Equal(reader.Bytes.Total, reader.Bytes.Done);
    }

    [Fact]
    public void Errors_say_what_was_found_and_expected()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("its columns are: a, b", Fails(folder.Write("t.csv", "a,b\n"), "c"), StringComparison.Ordinal);
        Assert.Contains("two columns named 'a'", Fails(folder.Write("t.csv", "a,a\n"), "a"), StringComparison.Ordinal);
        Assert.Contains("is empty", Fails(folder.Write("t.csv", ""), "a"), StringComparison.Ordinal);
        Assert.Contains("there is no file", Fails(folder.File("absent.csv"), "a"), StringComparison.Ordinal);
        Assert.Contains("does not end in", Fails(folder.Write("t.doc", "a\n"), "a"), StringComparison.Ordinal);
        Assert.Contains(
            "cannot be read", Fails(folder.Write("t.parquet", "PAR1 nothing PAR1"), "a"), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Fails(folder.Write("t.csv.gz", "not gzip"), "a"), StringComparison.Ordinal);
        using (var make = System.Diagnostics.Process.Start("mkfifo", [folder.File("pipe.csv")]))
        {
            make.WaitForExit();
        }

        Assert.Contains("is a pipe", Fails(folder.File("pipe.csv"), "a"), StringComparison.Ordinal);
        Directory.CreateDirectory(folder.File("empty"));
        Assert.Contains("holds no .csv", Fails(folder.File("empty"), "a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("part-1.csv.zst", "part-1.csv.zst would be left out")]
    [InlineData("part-1.CSV.BZ2", "part-1.CSV.BZ2 would be left out")]
    [InlineData("part-1.parquet.gz", "part-1.parquet.gz would be left out")]
    [InlineData("part-1.tsv.zip", "Unpack it")]
    [InlineData("day=2024-01-01/part-1.parquet", "is cut into partitions such as day=2024-01-01")]
    [InlineData("2024/part-1.csv", "is cut into partitions such as 2024")]
    [InlineData("2024-01/part-1.csv", "is cut into partitions such as 2024-01")]
    [InlineData("part-1.txt", "part-1.txt would be left out, though it is named like a part")]
    [InlineData("part-1", "part-1 would be left out, though it is named like a part")]
    [InlineData("part-17.jsonl", "Give it the ending of what it holds")]
    [InlineData("part-1.ORC", "part-1.ORC would be left out")]
    public void A_folder_with_parts_that_would_be_left_out_is_refused(string left, string said)
    {
        using var folder = new TemporaryFolder();
        WriteParts(folder, left);
        Assert.Contains(said, Fails(folder.File("t"), "a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_SUCCESS")]
    [InlineData("_temporary/day=1/part-0.csv")]
    [InlineData(".part-0.csv.gz.zst")]
    [InlineData("notes.txt.gz")]
    [InlineData("archive.zip")]
    [InlineData("old/part-0.csv")]
    [InlineData("2024/notes.md")]
    [InlineData("part-0.json")]
    [InlineData("part-1.md5")]
    [InlineData("README.txt")]
    [InlineData("LICENSE")]
    [InlineData("part-0.csv.bak")]
    public void A_folder_may_hold_other_things_than_parts(string other)
    {
        using var folder = new TemporaryFolder();
        WriteParts(folder, other);
        using var rows = TableFile.Open(folder.File("t"), ["a"]);
        Assert.True(rows.Read());
        Assert.False(rows.Read());
    }

    private static void WriteParts(TemporaryFolder folder, string other)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File($"t/{other}"))!);
        folder.Write("t/part-0.csv", "a\n1\n");
        folder.Write($"t/{other}", "b\n2\n");
    }

    [Fact]
    public void A_compressed_file_that_was_cut_is_refused_not_read_as_a_shorter_one()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("whole.csv.gz"), 5000);
        var bytes = File.ReadAllBytes(folder.File("whole.csv.gz"));
        File.WriteAllBytes(folder.File("cut.csv.gz"), bytes[..(bytes.Length / 2)]);
        var error = Assert.Throws<TableException>(() =>
        {
            using var reader = TableFile.Open(folder.File("cut.csv.gz"));
            while (reader.Read())
            {
            }
        });
        Assert.Contains("cannot be read past line", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_with_missing_or_extra_cells_is_marked_with_its_text()
    {
        using var folder = new TemporaryFolder();
        using var reader = TableFile.Open(folder.Write("t.csv", "a,b\n1\n1,2,3\n1,2\n"));
        Assert.True(reader.Read());
        Assert.Equal((RowFault.WrongCellCount, 2L, "1"), (reader.Fault, reader.Line, reader.RowText(10)));
        Assert.True(reader.Read());
        Assert.Equal((RowFault.WrongCellCount, 3L, "1,2..."), (reader.Fault, reader.Line, reader.RowText(3)));
        Assert.True(reader.Read());
        Assert.Equal(RowFault.None, reader.Fault);
    }

    private static string Fails(string path, string column) =>
        Assert.Throws<TableException>(() => TableFile.Open(path, [column])).Message;

    private static void Write(string path, int rows)
    {
        using var writer = TableFile.Create(path, Columns);
        for (var i = 0; i < rows; i++)
        {
            Cell(i % 3 == 0, () => writer.Write($"u,{i}"));
            Cell(i % 5 == 0, () => writer.Write((long)-i));
            Cell(i % 7 == 0, () => writer.Write(i / 2.0));
            Cell(i % 11 == 0, () => writer.Write(
                new DateTime(2024, 2, 29, 23, 59, 0).AddSeconds(i).AddMilliseconds(i % 2 * 120)));
            writer.EndRow();
        }

        writer.Complete();

        void Cell(bool isNull, Action write)
        {
            if (isNull)
            {
                writer.WriteNull();
            }
            else
            {
                write();
            }
        }
    }
}
