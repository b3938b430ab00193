using Tests.Shared;
using Engine.Tables.Rows;
using System.Buffers.Binary;
using Engine.Tables;
using ParquetSharp;

namespace Engine.Tests.Tables;

/// <summary>A damaged file is refused with its cause: never a wrong value, never the end of the process.</summary>
public sealed class ParquetDamageTests
{
    private const int Rows = 400;

    /// <summary>Single bytes of the pages, whose checksums are in the file: equal values or a refusal.</summary>
    [Theory]
    [InlineData(ParquetDataPageVersion.V1, Compression.Uncompressed, true)]
    [InlineData(ParquetDataPageVersion.V2, Compression.Snappy, true)]
    [InlineData(ParquetDataPageVersion.V2, Compression.Zstd, false)]
    [InlineData(ParquetDataPageVersion.V1, Compression.Gzip, false)]
    public void A_changed_byte_of_a_page_gives_equal_values_or_a_refusal(
        ParquetDataPageVersion version, Compression compression, bool dictionary)
    {
        using var folder = new TemporaryFolder();
        var path = Make(folder, version, compression, dictionary, checksum: true);
        var whole = File.ReadAllBytes(path);
        var right = ReadAll(path);
        var random = new Random(11);
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            var bytes = whole.ToArray();
            bytes[random.Next(4, FooterStart(whole))] ^= (byte)(1 << random.Next(8));
            refused += Outcome(folder, bytes) is { } read ? Same(right, read) : 1;
        }

        Assert.InRange(refused, 1, 300);
    }

    /// <summary>
    /// Bytes anywhere, without checksums: values may change with the file, but every row is there or the file is
    /// refused.
    /// </summary>
    [Theory]
    [InlineData(ParquetDataPageVersion.V1, Compression.Uncompressed, true)]
    [InlineData(ParquetDataPageVersion.V2, Compression.Uncompressed, false)]
    public void Changed_bytes_anywhere_never_end_the_process(
        ParquetDataPageVersion version, Compression compression, bool dictionary)
    {
        using var folder = new TemporaryFolder();
        var path = Make(folder, version, compression, dictionary, checksum: false);
        var whole = File.ReadAllBytes(path);
        var random = new Random(12);
        for (var i = 0; i < 500; i++)
        {
            var bytes = whole.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (Outcome(folder, bytes) is { } read)
            {
                Assert.Equal(2 * Rows, read.Length);
            }
        }
    }

    [Fact]
    public void A_cut_file_is_said_to_be_incomplete()
    {
        using var folder = new TemporaryFolder();
        var whole =
            File.ReadAllBytes(Make(folder, ParquetDataPageVersion.V1, Compression.Snappy, true, checksum: true));
        foreach (var length in new[] { 0, 3, 4, 11, 12, 100, whole.Length / 2, whole.Length - 1 })
        {
            var path = folder.File("cut.parquet");
            File.WriteAllBytes(path, whole[..length]);
            var error = Assert.Throws<TableException>(() => TableFile.Open(path)).Message;
            Assert.Contains(
                length < 4 ? "does not begin with PAR1" : "was written completely", error, StringComparison.Ordinal);
        }
    }

    /// <summary>The footer says another minimum, maximum, null count or row count than the pages hold.</summary>
    [Fact]
    public void What_the_file_says_of_itself_is_checked()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        var numbers = new MadeColumn<long>(
            "n", LogicalType.None(), PhysicalType.Int64, [0x1122334455667788, 0x1122334455667799], ["", ""]);
        ParquetMaker.Write(
            path,
            [numbers],
            100,
            nullEvery: 7,
            builder => builder.DisableDictionary().Encoding(Encoding.DeltaBinaryPacked));
        var whole = File.ReadAllBytes(path);
        Assert.Equal(100, ReadAll(path).Length);

        var maximum = whole.ToArray();
        Replace(maximum, FooterStart(whole), Word(0x1122334455667799), Word(0x1122334455667798));
        Assert.Contains(
            "has values from 1234605616436508552 to 1234605616436508569; the file says",
            Refusal(folder, maximum),
            StringComparison.Ordinal);

        // Thrift: field 3 (null count) of the statistics, an i64 in zigzag form: 15 nulls are 30.
        var nulls = whole.ToArray();
        Replace(nulls, FooterStart(whole), [0x16, 30], [0x16, 28]);
        Assert.Contains("has 15 nulls; the file says 14", Refusal(folder, nulls), StringComparison.Ordinal);

        // No nulls and an unknown number of them are told apart: field 3 becomes field 4, the count of distinct values.
        var none = whole.ToArray();
        Replace(none, FooterStart(whole), [0x16, 30], [0x16, 0]);
        Assert.Contains("has 15 nulls; the file says 0", Refusal(folder, none), StringComparison.Ordinal);
        var unknown = whole.ToArray();
        Replace(unknown, FooterStart(whole), [0x16, 30, 0x28], [0x26, 30, 0x18]);
        var open = folder.File("unknown.parquet");
        File.WriteAllBytes(open, unknown);
        Assert.Equal(ReadAll(path), ReadAll(open));

        // 100 in zigzag form is 200, in two bytes: the rows of the file (field 3), then those of the row group.
        var rows = whole.ToArray();
        Replace(rows, FooterStart(whole), [0xC8, 0x01], [0xC6, 0x01], first: 1);
        Assert.Contains(
            "it announces 99 rows, but its row groups have 100", Refusal(folder, rows), StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_of_other_types_disturb_only_those_who_ask_for_them()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        Duck.Run(
            "COPY (SELECT i AS id, {'a': i, 'b': 2} AS parts, MAP {'k': "
            + "i} AS pairs, [[i]] AS lists, [{'x': i}] AS records, " +
            $"INTERVAL (i) DAY AS span, '\\xFF\\xFE'::BLOB AS image FROM range(10) t(i)) TO '{path}' (FORMAT parquet)");
        using (var reader = TableFile.Open(path, ["id"]))
        {
            Assert.True(reader.Read());
            Assert.Equal("0", reader.Text(0).ToString());
            Assert.Equal(
                ["parts", "pairs", "lists", "records", "span"], reader.Unreadable.Select(column => column.Column));
        }

        using (var all = TableFile.Open(path))
        {
            Assert.Equal(["id", "image"], all.Columns);
            var error = Assert.Throws<TableColumnException>(() => all.Read());
            Assert.Equal("image", error.Column);
            Assert.Contains("bytes that are not UTF-8 text: FFFE", error.Message, StringComparison.Ordinal);
        }

        var refused = Assert.Throws<TableColumnException>(() => TableFile.Open(path, ["id", "span"]));
        Assert.Contains(
            "the column 'span' has the type FixedLenByteArray with the annotation Interval",
            refused.Message,
            StringComparison.Ordinal);
    }

    private static string Make(
        TemporaryFolder folder, ParquetDataPageVersion version, Compression compression, bool dictionary, bool checksum)
    {
        using var samples = new ParquetSamples();
        var path = folder.File("whole.parquet");
        string[] wanted =
            ["flag", "int32", "double", "date", "stamp_us", "stamp_96", "dec_38_18", "dec_bytes", "uuid", "text"];
        ParquetMaker.Write(path, [
            .. samples.Columns.Where(column => wanted.Contains(column.Name)),
        ], Rows, nullEvery: 5, builder =>
        {
            builder.DataPageVersion(version).Compression(compression).DataPagesize(500);
            _ = checksum ? builder.EnablePageChecksum() : builder.DisablePageChecksum();
            _ = dictionary ? builder.EnableDictionary() : builder.DisableDictionary();
            if (!dictionary)
            {
                builder.Encoding("int32", Encoding.DeltaBinaryPacked).Encoding("text", Encoding.DeltaByteArray)
                    .Encoding("double", Encoding.ByteStreamSplit)
                        .Encoding("flag", Encoding.Rle)
                        .Encoding("dec_bytes", Encoding.DeltaLengthByteArray);
            }
        }, groups: 2);
        return path;
    }

    private static string[]? Outcome(TemporaryFolder folder, byte[] bytes)
    {
        var path = folder.File("changed.parquet");
        File.WriteAllBytes(path, bytes);
        try
        {
            return ReadAll(path);
        }
        catch (TableException e)
        {
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
            return null;
        }
    }

    private static string Refusal(TemporaryFolder folder, byte[] bytes)
    {
        var path = folder.File("changed.parquet");
        File.WriteAllBytes(path, bytes);
        return Assert.ThrowsAny<TableException>(() => ReadAll(path)).Message;
    }

    private static string[] ReadAll(string path)
    {
        using var reader = TableFile.Open(path);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.RowText(10_000));
        }

        return [.. rows];
    }

    private static int Same(string[] right, string[] read)
    {
        Assert.Equal(right, read);
        return 0;
    }

    private static int FooterStart(byte[] file) =>
        file.Length - 8 - BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 8));

    private static void Replace(byte[] file, int from, ReadOnlySpan<byte> old, ReadOnlySpan<byte> by, int first = 0)
    {
        var places = 0;
        for (var i = from; i + old.Length <= file.Length; i++)
        {
            if (file.AsSpan(i, old.Length).SequenceEqual(old) && (first == 0 || places < first))
            {
                by.CopyTo(file.AsSpan(i));
                places++;
            }
        }

        Assert.True(places > 0);
    }

    private static byte[] Word(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
