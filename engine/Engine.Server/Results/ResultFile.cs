using System.Diagnostics.CodeAnalysis;
using Engine.Snapshots.Files;
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
    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns the handle.")]
    public static ResultFile Open(string path, IReadOnlyList<ResultColumn> columns)
    {
        try
        {
            var parts = BatchJournal.ReadIndex(BatchOutput.IndexOf(path));
            var stored = parts.FirstOrDefault(part => part.Rows > 0) is { } filled
                ? ResultColumns.Stored(columns, filled.Detail.Length / ChunkPlace.Size)
                : columns;
            return new ResultFile(
                PlainFile.Open(path),
                parts,
                stored,
                "PAR1".Length);
        }
        catch (IOException e)
        {
            throw new InputException($"cannot read the task result {path} ({e.Message}). Run the task again", e);
        }
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
