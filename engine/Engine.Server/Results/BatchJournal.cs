using System.Text;
using Engine.Snapshots.Files;
using Engine.Snapshots.Format;

namespace Engine.Server.Results;

/// <summary>One finished part of an output.</summary>
/// <param name="Rows">Result rows.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Crc">CRC-32C of the bytes.</param>
/// <param name="Detail">What the format's footer needs.</param>
internal sealed record JournalEntry(int Rows, long Length, uint Crc, byte[] Detail);

/// <summary>
/// Which parts of an unfinished output are whole: a text that says what the output is, then an entry a part, each with
/// its own checksum. An incomplete entry that a crash left behind is truncated.
/// </summary>
internal sealed class BatchJournal : IDisposable
{
    private const string Magic = "BATCHJOURNAL1";

    private readonly FileStream _file;
    private readonly BinaryWriter _writer;

    private BatchJournal(FileStream file)
    {
        _file = file;
        _writer = file.CanWrite ? new BinaryWriter(file, Encoding.UTF8) : new BinaryWriter(Stream.Null);
    }

    /// <summary>The parts that are whole, in order.</summary>
    public List<JournalEntry> Entries { get; } = [];

    /// <summary>Opens the journal of an output; one of another output is emptied.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="fingerprint">Says what the output is.</param>
    public static BatchJournal Open(string path, string fingerprint)
    {
        var journal =
            new BatchJournal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        if (!journal.Read(fingerprint))
        {
            journal.Restart(fingerprint);
        }

        return journal;
    }

    /// <summary>The parts of a finished output.</summary>
    /// <exception cref="InputException">The file is no whole list of parts.</exception>
    public static IReadOnlyList<JournalEntry> ReadIndex(string path)
    {
        using var journal = new BatchJournal(PlainFile.OpenStream(path));
        return journal.Read(null)
            ? journal.Entries
            : throw new InputException($"cannot read the list of parts {path}. Run the task again");
    }

    /// <summary>Forgets the parts from <paramref name="count"/> on.</summary>
    public void Keep(int count, string fingerprint)
    {
        if (count == Entries.Count)
        {
            return;
        }

        var kept = Entries.Take(count).ToArray();
        Restart(fingerprint);
        foreach (var entry in kept)
        {
            Add(entry);
        }
    }

    /// <summary>Appends a part whose bytes are written.</summary>
    public void Add(JournalEntry entry)
    {
        var payload = Payload(entry);
        _writer.Write(payload.Length);
        _writer.Write(payload);
        _writer.Write(Crc32C.Compute(payload));
        _file.Flush();
        Entries.Add(entry);
    }

    /// <summary>Fsyncs it: it becomes the list of parts of a finished file.</summary>
    public void Flush() => _file.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private static byte[] Payload(JournalEntry entry)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(entry.Rows);
        writer.Write(entry.Length);
        writer.Write(entry.Crc);
        writer.Write(entry.Detail);
        writer.Flush();
        return bytes.ToArray();
    }

    private void Restart(string fingerprint)
    {
        Entries.Clear();
        _file.SetLength(0);
        _file.Position = 0;
        _writer.Write(Magic);
        _writer.Write(fingerprint);
        _file.Flush();
    }

    private bool Read(string? fingerprint)
    {
        using var reader = new BinaryReader(_file, Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadString() != Magic
                || (reader.ReadString() is var found && fingerprint is not null && found != fingerprint))
            {
                return false;
            }

            for (var whole = _file.Position; ; whole = _file.Position)
            {
                if (ReadEntry(reader) is not { } entry)
                {
                    Cut(whole);
                    return fingerprint is not null || whole == _file.Length;
                }

                Entries.Add(entry);
            }
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            return false;
        }
    }

    private void Cut(long length)
    {
        if (_file.CanWrite)
        {
            _file.SetLength(length);
            _file.Position = length;
        }
    }

    private JournalEntry? ReadEntry(BinaryReader reader)
    {
        const int Fixed = sizeof(int) + sizeof(long) + sizeof(uint);
        if (_file.Length - _file.Position < 2 * sizeof(int))
        {
            return null;
        }

        var length = reader.ReadInt32();
        if (length < Fixed || length > _file.Length - _file.Position - sizeof(uint))
        {
            return null;
        }

        var payload = reader.ReadBytes(length);
        if (reader.ReadUInt32() != Crc32C.Compute(payload))
        {
            return null;
        }

        using var fields = new BinaryReader(new MemoryStream(payload));
        return new JournalEntry(
            fields.ReadInt32(), fields.ReadInt64(), fields.ReadUInt32(), fields.ReadBytes(length - Fixed));
    }
}
