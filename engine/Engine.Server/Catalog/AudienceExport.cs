using System.Text;
using Engine.Tables.Csv;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Catalog;

/// <summary>
/// An audience as CSV: user_id, one a row, in the order of the audience, safe to open in a spreadsheet. Memory: one
/// chunk.
/// </summary>
internal static class AudienceExport
{
    private const int ChunkBytes = 1 << 18;

    /// <summary>The chunks of the file. Each is valid until the next one.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Chunks(IEnumerable<string> ids)
    {
        var text = new ByteBuffer();
        text.Add("user_id\n"u8);
        foreach (var id in ids)
        {
            text.AddCell(SpreadsheetText.Write(Encoding.UTF8.GetBytes(id)));
            text.Add((byte)'\n');
            if (text.Length >= ChunkBytes)
            {
                yield return text.Memory;
                text.Clear();
            }
        }

        yield return text.Memory;
    }
}
