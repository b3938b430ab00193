using System.Buffers;
using Engine.Protos.V1;
using Engine.Server.Results;
using Engine.Server.Tasks;
using Engine.Tables.Parquet;

namespace Engine.Server.Contract;

/// <summary>A result as a file, in chunks: Parquet as it is kept, CSV made part by part. Memory: one part.</summary>
internal static class ResultDownload
{
    private const int ChunkBytes = 1 << 18;

    /// <summary>The chunks of a task's file. Each chunk is valid until the next one.</summary>
    /// <exception cref="InputException">There is no such task, or it has no result.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(TaskStore store, string id, FileFormat format)
    {
        var file = store.OpenResult(id);
        if (format is FileFormat.Csv or FileFormat.Unspecified)
        {
            return OfRows(file);
        }

        file.Dispose();
        return format == FileFormat.Parquet ? OfFile(store.ResultPath(id)) : OfSkipped(BatchSkipped.PathOf(store.ResultPath(id)));
    }

    // Absent when nobody was left out.
    private static IEnumerable<ReadOnlyMemory<byte>> OfSkipped(string path) => File.Exists(path) ? OfFile(path) : [];

    private static IEnumerable<ReadOnlyMemory<byte>> OfFile(string path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            for (var read = file.Read(buffer, 0, ChunkBytes); read > 0; read = file.Read(buffer, 0, ChunkBytes))
            {
                yield return buffer.AsMemory(0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> OfRows(ResultFile opened)
    {
        using var file = opened;
        var text = new ByteBuffer();
        var part = new ResultPart();
        text.Add(System.Text.Encoding.UTF8.GetBytes(string.Join(',', file.Columns.Select(column => column.Name)) + "\n"));
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

    private static void AddRow(ByteBuffer text, ResultPart part, int row)
    {
        text.AddCell(part.Users.Of(row));
        text.Add((byte)',');
        if (part.Rank(row) is > 0 and var rank)
        {
            text.AddNumber(rank);
            text.Add((byte)',');
        }

        text.AddCell(part.Items.Of(row));
        text.Add((byte)',');
        text.AddNumber(part.Score(row));
        if (part is { UserReasons: { } did, ItemReasons: { } goes })
        {
            text.Add((byte)',');
            text.AddCell(did.Of(row));
            text.Add((byte)',');
            text.AddCell(goes.Of(row));
        }

        if (part.IsReranked)
        {
            text.Add((byte)',');
            text.Add(ResultColumns.Yes);
        }

        text.Add((byte)'\n');
    }
}
