using System.Buffers.Binary;

namespace Engine.Tables.Parquet.Reading;

/// <summary>
/// The null count of the statistics, from the footer's own bytes: the library gives 0 for none and for an unknown
/// number alike.
/// </summary>
internal static class FooterNullCount
{
    // The tail of a file: the length of the footer, then PAR1.
    private const int Tail = 8;

    /// <summary>The number that the file names; null when it names none.</summary>
    /// <param name="path">A file that the library has opened.</param>
    /// <param name="group">The row group, from 0.</param>
    /// <param name="leaf">The column among all leaves of the schema, from 0.</param>
    public static long? Find(string path, int group, int leaf)
    {
        using var file = File.OpenRead(path);
        Span<byte> tail = stackalloc byte[Tail];
        file.Position = file.Length - Tail;
        file.ReadExactly(tail);
        var footer = new byte[BinaryPrimitives.ReadInt32LittleEndian(tail)];
        file.Position = file.Length - Tail - footer.Length;
        file.ReadExactly(footer);

        // FileMetaData.row_groups, RowGroup.columns, ColumnChunk.meta_data, ColumnMetaData.statistics,
        // Statistics.null_count.
        var thrift = new CompactThriftReader(footer);
        return thrift.Enter(4) && thrift.EnterElement(group)
            && thrift.Enter(1) && thrift.EnterElement(leaf)
            && thrift.Enter(3) && thrift.Enter(12) && thrift.Enter(3)
            ? thrift.Number()
            : null;
    }
}
