using Engine.Tables;
using Engine.Tables.Rows;
using Tests.Shared;

namespace Engine.Tests.Tables;

/// <summary>
/// What our encoder writes, the library's reader reads: dictionaries, plain values and every place for nulls.
/// </summary>
public sealed class ParquetEncodingTests
{
    private static readonly TableColumn[] Columns =
    [
        new("repeated", ColumnType.Text), new("distinct", ColumnType.Text), new("numbered", ColumnType.WholeNumber),
        new("price", ColumnType.Number), new("time", ColumnType.Time), new("nothing", ColumnType.Text),
    ];

    /// <summary>
    /// Row counts around bytes of null bits and around the end of a row group; columns that lose their dictionary
    /// midway.
    /// </summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(7, 3)]
    [InlineData(8, 0)]
    [InlineData(8, 8)]
    [InlineData(9, 2)]
    [InlineData(20_000, 0)]
    [InlineData(131_072, 7)]
    [InlineData(131_073, 1000)]
    public void Every_cell_reads_back(int rows, int nullEvery)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        using (var writer = TableFile.Create(path, Columns))
        {
            for (var i = 0; i < rows; i++)
            {
                foreach (var column in Columns)
                {
                    Write(writer, column.Name, i, nullEvery);
                }

                writer.EndRow();
            }

            writer.Complete();
        }

        using var reader = TableFile.Open(path);
        Assert.Equal(Columns.Select(column => column.Name), reader.Columns);
        for (var i = 0; i < rows; i++)
        {
            Assert.True(reader.Read());
            for (var column = 0; column < Columns.Length; column++)
            {
                Assert.Equal(Expected(Columns[column].Name, i, nullEvery), reader.Text(column).ToString());
            }
        }

        Assert.False(reader.Read());
    }

    [Fact]
    public void Ids_that_repeat_take_bits_not_bytes()
    {
        using var folder = new TemporaryFolder();
        const int Rows = 100_000;
        using (var writer = TableFile.Create(folder.File("t.parquet"), [new("id", ColumnType.Text)]))
        {
            for (var i = 0; i < Rows; i++)
            {
                writer.Write($"a rather long customer id {i % 200}");
                writer.EndRow();
            }

            writer.Complete();
        }

        Assert.InRange(new FileInfo(folder.File("t.parquet")).Length, Rows, Rows + 20_000);
    }

    private static void Write(TableWriter writer, string column, int i, int nullEvery)
    {
        if (IsNull(i, nullEvery) || column == "nothing")
        {
            writer.WriteNull();
            return;
        }

        switch (column)
        {
            case "repeated": writer.Write(Repeated(i)); break;
            case "distinct": writer.Write($"客{i}😀"); break;
            case "numbered": writer.Write(Number(i)); break;
            case "price": writer.Write(Price(i)); break;
            default: writer.Write(Time(i)); break;
        }
    }

    private static string Expected(string column, int i, int nullEvery) => IsNull(i, nullEvery) ? "" : column switch
    {
        "repeated" => Repeated(i),
        "distinct" => $"客{i}😀",
        "numbered" => FormattableString.Invariant($"{Number(i)}"),
        "price" => FormattableString.Invariant($"{Price(i)}"),
        "time" => Time(i).ToString(Time(i).Millisecond == 0 ? "s" : "O"),
        _ => "",
    };

    private static bool IsNull(int i, int nullEvery) => nullEvery > 0 && i % nullEvery == 0;

    private static string Repeated(int i) => i % 3 == 0 ? "view" : $"type {i % 11}";

    private static long Number(int i) => i % 3 == 0 ? long.MinValue + i : long.MaxValue - i;

    private static double Price(int i) => (i % 50 / 7.0) - 3;

    private static DateTime Time(int i) => new DateTime(1969, 12, 31, 23, 0, 0).AddMilliseconds(i * 997L);
}
