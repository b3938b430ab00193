using Tests.Shared;
using Engine.Tables.Rows;
using Engine.Tables;
using ParquetSharp;
using Encoding = ParquetSharp.Encoding;

namespace Engine.Tests.Tables;

/// <summary>
/// Every type in every encoding, page version and compression is read as the text that was written by hand.
/// </summary>
public sealed class ParquetMatrixTests
{
    private const int Rows = 3000;

    public static TheoryData<Encoding, ParquetDataPageVersion, int> Choices()
    {
        var data = new TheoryData<Encoding, ParquetDataPageVersion, int>();
        foreach (var encoding in new[]
        {
            Encoding.Plain, Encoding.RleDictionary, Encoding.DeltaBinaryPacked, Encoding.DeltaLengthByteArray,
            Encoding.DeltaByteArray, Encoding.Rle, Encoding.ByteStreamSplit,
        })
        {
            foreach (var version in new[] { ParquetDataPageVersion.V1, ParquetDataPageVersion.V2 })
            {
                data.Add(encoding, version, 0);
                data.Add(encoding, version, 3);
                data.Add(encoding, version, 1); // all null
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void Every_type_reads_back(Encoding encoding, ParquetDataPageVersion version, int nullEvery)
    {
        using var samples = new ParquetSamples();
        var columns = samples.Columns.Where(column => Takes(column.Physical, encoding)).ToArray();
        Assert.NotEmpty(columns);
        foreach (var compression in new[]
        {
            Compression.Uncompressed, Compression.Snappy, Compression.Gzip, Compression.Zstd, Compression.Lz4,
            Compression.Brotli,
        })
        {
            using var folder = new TemporaryFolder();
            var path = folder.File("t.parquet");
            ParquetMaker.Write(path, columns, Rows, nullEvery, builder =>
            {
                builder.Compression(compression).DataPageVersion(version).DataPagesize(1000).EnablePageChecksum()
                    .Version(version == ParquetDataPageVersion.V1
                        ? ParquetVersion.PARQUET_1_0
                        : ParquetVersion.PARQUET_2_LATEST);
                _ = encoding == Encoding.RleDictionary
                    ? builder.EnableDictionary()
                    : builder.DisableDictionary().Encoding(encoding);
            }, groups: 3);
            AssertRight(path, columns, nullEvery, 3 * Rows);
        }
    }

    /// <summary>
    /// What DuckDB reads from the same files; the types that it prints differently are left to the hand-written texts.
    /// </summary>
    [Theory]
    [InlineData(Encoding.Plain)]
    [InlineData(Encoding.DeltaBinaryPacked)]
    [InlineData(Encoding.DeltaByteArray)]
    [InlineData(Encoding.DeltaLengthByteArray)]
    [InlineData(Encoding.Rle)]
    public void The_second_reader_agrees(Encoding encoding)
    {
        using var samples = new ParquetSamples();
        var columns = samples.Columns
            .Where(column => Takes(column.Physical, encoding) && DuckDbReadsAlike(column.Name))
            .ToArray();
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        ParquetMaker.Write(path, columns, Rows, 4, builder => builder.DisableDictionary().Encoding(encoding));
        using var reader = TableFile.Open(path);
        Duck.Each($"SELECT {string.Join(", ", columns.Select(column => $"CAST(\"{column.Name}\" AS VARCHAR)"))} FROM "
            + $"'{path}'", row =>
        {
            Assert.True(reader.Read());
            for (var i = 0; i < columns.Length; i++)
            {
                Assert.Equal(
                    row.IsDBNull(i) ? "" : row.GetString(i), Plainly(columns[i].Name, reader.Text(i).ToString()));
            }
        });
        Assert.False(reader.Read());
    }

    /// <summary>Files of the second writer, whose choices of pages and encodings are its own.</summary>
    [Theory]
    [InlineData("V1", "uncompressed")]
    [InlineData("V1", "snappy")]
    [InlineData("V1", "gzip")]
    [InlineData("V1", "zstd")]
    [InlineData("V1", "lz4_raw")]
    [InlineData("V1", "brotli")]
    [InlineData("V2", "uncompressed")]
    [InlineData("V2", "snappy")]
    [InlineData("V2", "zstd")]
    public void The_second_writer_is_read(string version, string codec)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        string[] columns =
        [
            "i % 3 = 0",
            "CAST(i % 100 AS TINYINT)",
            "CAST(i % 200 AS UTINYINT)",
            "CAST(-i AS SMALLINT)",
            "CAST(i AS USMALLINT)",
            "CAST(i * 100000 AS INTEGER)",
            "CAST(2147000000 + i AS UINTEGER)",
            "CAST(-9223372036854775807 + i AS BIGINT)",
            "CAST(18446744073709551615 - i AS UBIGINT)",
            "CAST(i % 100 * 0.37 AS DECIMAL(4, 1))",
            "CAST(i * -0.37 AS DECIMAL(9, 3))",
            "CAST(i * 0.37 AS DECIMAL(18, 6))",
            "CAST(i * 0.123456789 AS DECIMAL(38, 20))",
            "DATE '1969-12-01' + CAST(i AS INTEGER)",
            "TIME '00:00:00' + INTERVAL (i) SECOND", "TIMESTAMP '2020-02-28 23:59:00' + INTERVAL (i) SECOND",
            "CAST(TIMESTAMP '2020-02-28 23:59:00' + INTERVAL (i) SECOND AS TIMESTAMP_MS)",
            "CAST(TIMESTAMP '2020-02-28 23:59:00' + INTERVAL (i) SECOND AS TIMESTAMP_NS)",
            "'user ' || i", "'group ' || (i % 7)", "CAST('bytes ' || i AS BLOB)",
            "CAST('987083eb-3967-4a7e-8ae9-' || lpad(CAST(i AS VARCHAR), 12, '0') AS UUID)",
        ];
        var names = columns.Select((_, c) => $"c{c}").ToArray();
        var parts = columns.Select((sql, c) => $"CASE WHEN (i + {c}) % 5 = 0 THEN NULL ELSE {sql} END AS c{c}");
        Duck.Run(
            $"COPY (SELECT {string.Join(", ", parts)} FROM range(5000) t(i)) TO '{path}' " +
            $"(FORMAT parquet, PARQUET_VERSION {version}, COMPRESSION {codec}, ROW_GROUP_SIZE 2048)");
        using var reader = TableFile.Open(path, names);
        Duck.Each($"SELECT {string.Join(", ", names.Select(name => $"CAST({name} AS VARCHAR)"))} FROM '{path}'", row =>
        {
            Assert.True(reader.Read());
            for (var i = 0; i < names.Length; i++)
            {
                Assert.Equal(row.IsDBNull(i) ? "" : row.GetString(i), reader.Text(i).ToString().Replace('T', ' '));
            }
        });
        Assert.False(reader.Read());
    }

    /// <summary>DuckDB gives such numbers 64 bits in the delta encoding, where the format has 32.</summary>
    [Fact]
    public void Unsigned_deltas_out_of_the_format_are_refused_by_column_type_and_encoding()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        Duck.Run(
            $"COPY (SELECT CAST(4294967295 - i * 1000000 AS UINTEGER) AS n FROM range(4000) t(i)) TO '{path}' (FORMAT "
            + "parquet, PARQUET_VERSION V2)");
        var error = Assert.Throws<TableException>(() =>
        {
            using var reader = TableFile.Open(path);
            reader.Read();
        }).Message;
        Assert.Contains(
            "'n' (Int32 with the annotation Int(bitWidth=32, isSigned=false); encodings DeltaBinaryPacked;",
            error,
            StringComparison.Ordinal);
        Assert.Contains("write it with plain or dictionary encoding", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_are_json_arrays()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        Duck.Run(
            "COPY (SELECT * FROM (VALUES (1, ['a', 'b \"c\"', '客'], [1, 2]), (2, NULL, []), (3, [], NULL), (4, "
            + "['x', NULL, ''], [NULL, 3]), " +
            $"(5, [NULL], [9])) t(id, tags, numbers)) TO '{path}' (FORMAT parquet)");
        using var reader = TableFile.Open(path, ["numbers", "tags", "id"]);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add($"{reader.Text(2)} {reader.Text(1)} {reader.Text(0)}");
        }

        Assert.Equal(
            ["1 [\"a\",\"b \\\"c\\\"\",\"客\"] [\"1\",\"2\"]", "2  ", "3  ", "4 [\"x\",\"\"] [\"3\"]", "5  [\"9\"]"],
            rows);
    }

    private static void AssertRight(string path, MadeColumn[] columns, int nullEvery, int rows)
    {
        using var reader = TableFile.Open(path);
        Assert.Equal(columns.Select(column => column.Name), reader.Columns);
        for (var row = 0; row < rows; row++)
        {
            Assert.True(reader.Read());
            for (var i = 0; i < columns.Length; i++)
            {
                var right = ParquetMaker.IsNull(row % Rows, nullEvery)
                    ? ""
                    : columns[i].Text[row % Rows % columns[i].Text.Length];
                if (!reader.Text(i).SequenceEqual(right))
                {
                    Assert.Fail($"{columns[i].Name}, row {row}: '{reader.Text(i)}' in place of '{right}'");
                }
            }
        }

        Assert.False(reader.Read());
    }

    private static bool Takes(PhysicalType type, Encoding encoding) => encoding switch
    {
        Encoding.Plain => true,
        Encoding.RleDictionary => type != PhysicalType.Boolean,
        Encoding.Rle => type == PhysicalType.Boolean,
        Encoding.DeltaBinaryPacked => type is PhysicalType.Int32 or PhysicalType.Int64,
        Encoding.DeltaLengthByteArray => type == PhysicalType.ByteArray,
        Encoding.DeltaByteArray => type is PhysicalType.ByteArray or PhysicalType.FixedLenByteArray,
        _ =>
            type is PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.Float or PhysicalType.Double
                or PhysicalType.FixedLenByteArray,
    };

    /// <summary>
    /// DuckDB demands that JSON is whole, leaves out a zero before the point, rounds old times, shows bytes with
    /// escapes, wide decimals as doubles, numbers of other forms, and zones with times.
    /// </summary>
    private static bool DuckDbReadsAlike(string column) =>
        column is not ("json" or "stamp_96" or "dec_18_18" or "bytes" or "fixed" or "enum" or "float" or "double"
            or "stamp_us" or "stamp_ns" or "dec_76_40" or "dec_bytes" or "time_ns");

    /// <summary>A time in DuckDB's form: a space before the time of day, no zeros at the end of a fraction.</summary>
    private static string Plainly(string column, string text) =>
        column.StartsWith("stamp", StringComparison.Ordinal) || column.StartsWith("time", StringComparison.Ordinal)
            ? (text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0') : text).Replace('T', ' ')
            : text;
}
