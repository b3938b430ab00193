using System.Buffers.Binary;

namespace Engine.Tables.Parquet.Writing;

/// <summary>What the values of a Parquet column are.</summary>
public enum ParquetType
{
    /// <summary>32-bit whole numbers.</summary>
    Whole32,

    /// <summary>64-bit whole numbers.</summary>
    Whole64,

    /// <summary>32-bit floating-point numbers.</summary>
    Number32,

    /// <summary>64-bit floating-point numbers.</summary>
    Number64,

    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>Milliseconds since 1970-01-01 of a clock without zone, in 64 bits.</summary>
    LocalMilliseconds,
}

/// <summary>A column of a Parquet file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Optional">Whether cells may be null; data pages then begin with definition levels.</param>
public readonly record struct ParquetField(string Name, ParquetType Type, bool Optional = false);

/// <summary>Where a column's chunk lies within its row group.</summary>
/// <param name="Length">Bytes of the chunk.</param>
/// <param name="DataOffset">Where the data page begins in it; 0 when there is no dictionary.</param>
public readonly record struct ParquetExtent(int Length, int DataOffset);

/// <summary>One row group: its rows and, in the order of the columns, its chunks, which follow one another.</summary>
public sealed record ParquetRowGroup(int Rows, IReadOnlyList<ParquetExtent> Chunks);

/// <summary>The metadata at the end of a Parquet file: schema, and where each column of each row group lies.</summary>
public static class ParquetFooter
{
    private const int Required = 0;
    private const int Optional = 1;
    private const int Utf8 = 0;
    private const int PlainEncoding = 0;
    private const int LevelEncoding = 3;
    private const int DictionaryIndices = 8;

    /// <summary>The footer with its length and magic number.</summary>
    /// <param name="fields">The columns, left to right.</param>
    /// <param name="groups">The row groups, which follow one another.</param>
    /// <param name="start">Where the first row group begins.</param>
    public static byte[] Write(IReadOnlyList<ParquetField> fields, IReadOnlyList<ParquetRowGroup> groups, long start)
    {
        var bytes = new ByteBuffer();
        var thrift = new CompactThrift(bytes);
        thrift.I32(1, 1);
        Schema(thrift, fields);
        thrift.I64(3, groups.Sum(group => (long)group.Rows));
        thrift.StructList(4, groups.Count);
        foreach (var group in groups)
        {
            start = RowGroup(thrift, fields, group, start);
        }

        thrift.Text(6, "engine");
        thrift.End();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.Take(4), bytes.Length - 4);
        bytes.Add("PAR1"u8);
        return bytes.Memory.ToArray();
    }

    private static void Schema(CompactThrift thrift, IReadOnlyList<ParquetField> fields)
    {
        thrift.StructList(2, fields.Count + 1);
        thrift.Begin();
        thrift.Text(4, "results");
        thrift.I32(5, fields.Count);
        thrift.End();
        foreach (var field in fields)
        {
            thrift.Begin();
            thrift.I32(1, Physical(field.Type));
            thrift.I32(3, field.Optional ? Optional : Required);
            thrift.Text(4, field.Name);
            if (field.Type == ParquetType.Text)
            {
                thrift.I32(6, Utf8);
            }
            else if (field.Type == ParquetType.LocalMilliseconds)
            {
                LocalMilliseconds(thrift);
            }

            thrift.End();
        }
    }

    /// <summary>LogicalType.TIMESTAMP(isAdjustedToUTC = false, unit = MILLIS).</summary>
    private static void LocalMilliseconds(CompactThrift thrift)
    {
        thrift.Begin(10);
        thrift.Begin(8);
        thrift.Bool(1, false);
        thrift.Begin(2);
        thrift.Begin(1);
        thrift.End();
        thrift.End();
        thrift.End();
        thrift.End();
    }

    private static long RowGroup(
        CompactThrift thrift, IReadOnlyList<ParquetField> fields, ParquetRowGroup group, long offset)
    {
        var start = offset;
        thrift.Begin();
        thrift.StructList(1, fields.Count);
        for (var i = 0; i < fields.Count; i++)
        {
            var (length, data) = group.Chunks[i];
            int[] encodings = [
                PlainEncoding,
                .. data > 0 ? [DictionaryIndices] : Array.Empty<int>(),
                .. fields[i].Optional ? [LevelEncoding] : Array.Empty<int>(),
            ];
            thrift.Begin();
            thrift.I64(2, offset);
            thrift.Begin(3);
            thrift.I32(1, Physical(fields[i].Type));
            thrift.I32List(2, encodings);
            thrift.TextList(3, fields[i].Name);
            thrift.I32(4, 0);
            thrift.I64(5, group.Rows);
            thrift.I64(6, length);
            thrift.I64(7, length);
            thrift.I64(9, offset + data);
            if (data > 0)
            {
                thrift.I64(11, offset);
            }

            thrift.End();
            thrift.End();
            offset += length;
        }

        thrift.I64(2, offset - start);
        thrift.I64(3, group.Rows);
        thrift.End();
        return offset;
    }

    private static int Physical(ParquetType type) => type switch
    {
        ParquetType.Whole32 => 1,
        ParquetType.Whole64 or ParquetType.LocalMilliseconds => 2,
        ParquetType.Number32 => 4,
        ParquetType.Number64 => 5,
        _ => 6,
    };
}
