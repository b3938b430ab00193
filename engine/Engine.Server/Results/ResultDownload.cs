using System.Buffers;
using System.Text;
using Engine.Snapshots.Files;
using Engine.Tables.Csv;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>A result in chunks of bytes: a stored file as it is, CSV built part by part. Memory: one part.</summary>
internal static class ResultDownload
{
    private const int ChunkBytes = 1 << 18;

    /// <summary>The bytes of a file; none when it is absent. Each chunk is valid until the next one.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> OfFile(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            using var file = PlainFile.Open(path);
            int read;
            for (var at = 0L; (read = RandomAccess.Read(file, buffer.AsSpan(0, ChunkBytes), at)) > 0; at += read)
            {
                yield return buffer.AsMemory(0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// The rows of a result as CSV that is safe to open in a spreadsheet; closes the result. Each chunk is valid until
    /// the next one.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<byte>> OfRows(ResultFile opened)
    {
        using var file = opened;
        var text = new ByteBuffer();
        var part = new ResultPart();
        text.Add(
            Encoding.UTF8.GetBytes(string.Join(',', file.Columns.Select(column => column.Name)) + "\n"));
        for (var number = 0; number < file.Parts; number++)
        {
            file.Read(number, part);
            for (var row = 0; row < part.Rows; row++)
            {
                AddRow(text, part, row);
                if (text.Length >= ChunkBytes)
                {
                    yield return text.Memory;
                    text.Clear();
                }
            }
        }

        if (text.Length > 0)
        {
            yield return text.Memory;
        }
    }

    /// <summary>
    /// A stored list of skipped ids as CSV that is safe to open in a spreadsheet; none when it is absent. Each chunk is
    /// valid until the next one.
    /// </summary>
    /// <exception cref="InputException">The list is damaged.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> OfSkipped(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using var table = BatchSkipped.Open(path);
        var text = new ByteBuffer();
        text.Add(Encoding.UTF8.GetBytes(string.Join(',', table.Columns) + "\n"));
        while (table.Read())
        {
            for (var column = 0; column < table.Columns.Count; column++)
            {
                text.Add(column == 0 ? default : ","u8);
                text.AddCell(SpreadsheetText.Write(Encoding.UTF8.GetBytes(table.Text(column).ToString())));
            }

            text.Add((byte)'\n');
            if (text.Length >= ChunkBytes)
            {
                yield return text.Memory;
                text.Clear();
            }
        }

        yield return text.Memory;
    }

    private static void AddRow(ByteBuffer text, ResultPart part, int row)
    {
        text.AddCell(SpreadsheetText.Write(part.Users.Of(row)));
        text.Add((byte)',');
        if (part.Rank(row) is > 0 and var rank)
        {
            text.AddNumber(rank);
            text.Add((byte)',');
        }

        text.AddCell(SpreadsheetText.Write(part.Items.Of(row)));
        text.Add((byte)',');
        text.AddNumber(part.Score(row));
        if (part.Names is { } names)
        {
            AddMeaning(text, part, names, row);
        }

        if (part is { UserReasons: { } did, ItemReasons: { } goes })
        {
            text.Add((byte)',');
            text.AddCell(SpreadsheetText.Write(did.Of(row)));
            text.Add((byte)',');
            text.AddCell(SpreadsheetText.Write(goes.Of(row)));
        }

        if (part.IsReranked)
        {
            text.Add((byte)',');
            text.Add(ResultColumns.Yes);
        }

        text.Add((byte)'\n');
    }

    private static void AddMeaning(ByteBuffer text, ResultPart part, TextColumn names, int row)
    {
        text.Add((byte)',');
        if (part.Probability(row) is { } probability)
        {
            text.AddNumber(probability);
        }

        text.Add((byte)',');
        if (part.Percentile(row) is { } percentile)
        {
            text.AddNumber(percentile);
        }

        text.Add((byte)',');
        text.AddCell(SpreadsheetText.Write(names.Of(row)));
    }
}
