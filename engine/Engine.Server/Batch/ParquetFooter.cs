using System.Buffers.Binary;

namespace Engine.Server.Batch;

/// <summary>The metadata at the end of a Parquet file: schema, and where each column of each row group lies.</summary>
internal static class ParquetFooter
{
    private const int Required = 0;
    private const int Utf8 = 0;
    private const int PlainEncoding = 0;
    private const int DictionaryIndices = 8;

    /// <summary>A column: its name and its physical type (1 int32, 4 float, 6 bytes, which are UTF-8).</summary>
    public readonly record struct Column(string Name, int Type);

    /// <summary>The footer with its length and magic number.</summary>
    /// <param name="columns">Left to right.</param>
    /// <param name="parts">Row groups; the detail of each holds, a column, length and offset of the data page, as 32-bit numbers.</param>
    /// <param name="start">Where the first row group begins.</param>
    public static byte[] Write(IReadOnlyList<Column> columns, IReadOnlyList<JournalEntry> parts, long start)
    {
        var bytes = new ByteBuffer();
        var thrift = new CompactThrift(bytes);
        thrift.I32(1, 1);
        Schema(thrift, columns);
        thrift.I64(3, parts.Sum(part => (long)part.Rows));
        thrift.StructList(4, parts.Count);
        foreach (var part in parts)
        {
            RowGroup(thrift, columns, part, start);
            start += part.Length;
        }

        thrift.Text(6, "engine");
        thrift.End();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.Take(4), bytes.Length - 4);
        bytes.Add("PAR1"u8);
        return bytes.Memory.ToArray();
    }

    private static void Schema(CompactThrift thrift, IReadOnlyList<Column> columns)
    {
        thrift.StructList(2, columns.Count + 1);
        thrift.Begin();
        thrift.Text(4, "results");
        thrift.I32(5, columns.Count);
        thrift.End();
        foreach (var column in columns)
        {
            thrift.Begin();
            thrift.I32(1, column.Type);
            thrift.I32(3, Required);
            thrift.Text(4, column.Name);
            if (column.Type == 6)
            {
                thrift.I32(6, Utf8);
            }

            thrift.End();
        }
    }

    private static void RowGroup(CompactThrift thrift, IReadOnlyList<Column> columns, JournalEntry part, long offset)
    {
        thrift.Begin();
        thrift.StructList(1, columns.Count);
        for (var i = 0; i < columns.Count; i++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(part.Detail.AsSpan(i * 8));
            var data = BinaryPrimitives.ReadInt32LittleEndian(part.Detail.AsSpan((i * 8) + 4));
            thrift.Begin();
            thrift.I64(2, offset);
            thrift.Begin(3);
            thrift.I32(1, columns[i].Type);
            thrift.I32List(2, data > 0 ? [PlainEncoding, DictionaryIndices] : [PlainEncoding]);
            thrift.TextList(3, columns[i].Name);
            thrift.I32(4, 0);
            thrift.I64(5, part.Rows);
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

        thrift.I64(2, part.Length);
        thrift.I64(3, part.Rows);
        thrift.End();
    }
}
