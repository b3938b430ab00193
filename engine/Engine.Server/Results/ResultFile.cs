using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Engine.Snapshots.Files;
using Engine.Snapshots.Format;
using Engine.Tables.Parquet.Writing;
using Microsoft.Win32.SafeHandles;

namespace Engine.Server.Results;

/// <summary>
/// A finished result, read by parts: any row needs one read of one part, and memory holds one part. Only for files
/// that this engine wrote and whose list of parts was kept.
/// </summary>
internal sealed class ResultFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly IReadOnlyList<JournalEntry> _parts;
    private readonly long[] _offsets;
    private readonly long[] _rows;

    private ResultFile(
        SafeFileHandle file, IReadOnlyList<JournalEntry> parts, IReadOnlyList<ResultColumn> columns, int header)
    {
        (_file, Columns) = (file, columns);
        _parts = parts;
        _offsets = new long[parts.Count + 1];
        _rows = new long[parts.Count + 1];
        _offsets[0] = header;
        for (var i = 0; i < parts.Count; i++)
        {
            _offsets[i + 1] = _offsets[i] + parts[i].Length;
            _rows[i + 1] = _rows[i] + parts[i].Rows;
        }
    }

    /// <summary>Left to right.</summary>
    public IReadOnlyList<ResultColumn> Columns { get; }

    /// <summary>Rows in all.</summary>
    public long Rows => _rows[^1];

    /// <summary>Parts.</summary>
    public int Parts => _parts.Count;

    /// <summary>Opens a result.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">As this version writes them; a result of an earlier version has fewer.</param>
    /// <exception cref="InputException">
    /// It or its list of parts is not there, or is something else than a file.
    /// </exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The caller owns the result.")]
    public static ResultFile Open(string path, IReadOnlyList<ResultColumn> columns)
    {
        try
        {
            // The file is replaced before its list: whoever looks in between finds the list under its other name.
            for (var tries = 3; tries > 0; tries--)
            {
                if (TryOpen(path, BatchOutput.IndexOf(path), columns) is { } file)
                {
                    return file;
                }

                var replacement = BatchOutput.IndexOf(ResultErasure.ReplacementOf(path));
                if (File.Exists(replacement) && TryOpen(path, replacement, columns) is { } replaced)
                {
                    return replaced;
                }
            }
        }
        catch (IOException e)
        {
            throw new InputException($"cannot read the task result {path} ({e.Message}). Run the task again", e);
        }

        throw new InputException($"the task result {path} is not that of its list of parts. Run the task again");
    }

    /// <summary>Whether a list of parts is that of a file, by its length.</summary>
    public static bool Fits(string path, string index)
    {
        using var file = TryOpen(path, index, []);
        return file is not null;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns the handle.")]
    private static ResultFile? TryOpen(string path, string index, IReadOnlyList<ResultColumn> columns)
    {
        var parts = BatchJournal.ReadIndex(index);
        var stored = parts.FirstOrDefault(part => part.Rows > 0) is { } filled
            ? ResultColumns.Stored(columns, filled.Detail.Length / ChunkPlace.Size)
            : columns;
        var file = new ResultFile(PlainFile.Open(path), parts, stored, "PAR1".Length);
        if (file.HasItsLength())
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    // Parts, then the footer, its length and a mark.
    private bool HasItsLength()
    {
        Span<byte> end = stackalloc byte[2 * sizeof(int)];
        var length = RandomAccess.GetLength(_file);
        return length >= _offsets[^1] + end.Length
            && RandomAccess.Read(_file, end, length - end.Length) == end.Length
            && _offsets[^1] + BinaryPrimitives.ReadInt32LittleEndian(end) + end.Length == length;
    }

    /// <summary>The part that a row is in, and the row's place in it.</summary>
    /// <param name="row">0 .. <see cref="Rows"/> - 1.</param>
    private (int Part, int Row) Locate(long row)
    {
        var part = Array.BinarySearch(_rows, row);
        part = part < 0 ? ~part - 1 : part;
        while (_parts[part].Rows == 0)
        {
            part++;
        }

        return (part, (int)(row - _rows[part]));
    }

    /// <summary>
    /// Some rows in order, each as its part and its place in it. The part is the same object all along.
    /// </summary>
    /// <param name="first">The number of the first row.</param>
    /// <param name="count">At most this many.</param>
    public IEnumerable<(ResultPart Part, int Row)> RowsFrom(long first, int count)
    {
        var part = new ResultPart();
        for (var end = Math.Min(Rows, first + count); first < end;)
        {
            var (number, row) = Locate(first);
            Read(number, part);
            for (; row < part.Rows && first < end; row++, first++)
            {
                yield return (part, row);
            }
        }
    }

    /// <summary>Reads one part.</summary>
    /// <param name="part">0 .. <see cref="Parts"/> - 1.</param>
    /// <param name="into">Receives it; used again and again.</param>
    public void Read(int part, ResultPart into)
    {
        var entry = _parts[part];
        var bytes = into.Begin((int)entry.Length);
        for (var read = 0; read < bytes.Length;)
        {
            var more = RandomAccess.Read(_file, bytes[read..], _offsets[part] + read);
            read += more > 0
                ? more
                : throw new InputException("the result of the task is truncated. Run the task again");
        }

        if (Crc32C.Compute(bytes) != entry.Crc)
        {
            throw new InputException("the result of the task is damaged. Run the task again");
        }

        into.Decode(Columns, entry);
    }

    /// <summary>Copies one part as it is.</summary>
    public void Copy(int part, EncodedPart into)
    {
        var (entry, place) = (_parts[part], _offsets[part]);
        into.Bytes.Clear();
        var bytes = into.Bytes.Take((int)entry.Length);
        for (var read = 0; read < bytes.Length;)
        {
            var more = RandomAccess.Read(_file, bytes[read..], place + read);
            read += more > 0
                ? more
                : throw new InputException("the result of the task is truncated. Run the task again");
        }

        (into.Rows, into.Detail) = (entry.Rows, entry.Detail);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
