using System.Buffers;
using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;

namespace Engine.Server.Results;

/// <summary>
/// The file of a batch while it grows: OUT.partial beside OUT.journal. An interrupted run leaves both, and the next run
/// of the same batch resumes after the last complete part; <see cref="Complete"/> renames the file into place.
/// </summary>
internal sealed class BatchOutput : IDisposable
{
    private readonly string _path;
    private readonly string _fingerprint;
    private readonly FileStream _file;
    private readonly BatchJournal _journal;

    private BatchOutput(string path, string fingerprint, FileStream file, BatchJournal journal)
    {
        _path = path;
        _fingerprint = fingerprint;
        _file = file;
        _journal = journal;
    }

    /// <summary>The parts that are whole.</summary>
    public IReadOnlyList<JournalEntry> Parts => _journal.Entries;

    /// <summary>Starts an output, or resumes an unfinished one of the same fingerprint.</summary>
    /// <param name="path">Where the finished file will be.</param>
    /// <param name="fingerprint">All that its bytes depend on.</param>
    /// <param name="header">The first bytes.</param>
    /// <exception cref="InputException">It cannot be written, or another process writes it.</exception>
    public static BatchOutput Open(string path, string fingerprint, ReadOnlySpan<byte> header)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = new FileStream(
                path + ".partial", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            try
            {
                var output =
                    new BatchOutput(path, fingerprint, file, BatchJournal.Open(path + ".journal", fingerprint));
                output.Recover(header);
                return output;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cannot write {path}: {e.Message} Check the folder, the free space, "
                + "and that no other batch writes to it",
                e);
        }
    }

    /// <summary>Removes what is left of an unfinished output.</summary>
    public static void Drop(string path)
    {
        File.Delete(IndexOf(path));
        File.Delete(path + ".partial");
        File.Delete(path + ".journal");
    }

    /// <summary>Appends a part: from now on it survives a crash of the process.</summary>
    public void AddPart(EncodedPart part)
    {
        _file.Write(part.Bytes.Memory.Span);
        _journal.Add(
            new JournalEntry(part.Rows, part.Bytes.Length, Crc32C.Compute(part.Bytes.Memory.Span), part.Detail));
    }

    /// <summary>Writes the footer, fsyncs the file and renames it into place.</summary>
    /// <param name="footer">The last bytes.</param>
    /// <param name="keepIndex">Whether the journal stays, as the file's list of parts.</param>
    public void Complete(ReadOnlySpan<byte> footer, bool keepIndex)
    {
        _file.Write(footer);
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        _journal.Flush();
        _journal.Dispose();
        if (keepIndex)
        {
            // First, so that the file never has its name without its list.
            AtomicFile.Rename(_path + ".journal", IndexOf(_path));
        }

        AtomicFile.Rename(_path + ".partial", _path);
        File.Delete(_path + ".journal");
    }

    /// <summary>The path of the list of parts of a finished file.</summary>
    public static string IndexOf(string path) => path + ".index";

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _journal.Dispose();
    }

    // A power cut may lose bytes whose journal entry was kept: only what reads back with its checksum counts.
    private void Recover(ReadOnlySpan<byte> header)
    {
        var whole = 0;
        var position = (long)header.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        if (HasHeader(header, buffer))
        {
            while (whole < Parts.Count && IsWhole(Parts[whole], position, buffer))
            {
                position += Parts[whole++].Length;
            }
        }
        else
        {
            _file.SetLength(0);
            _file.Position = 0;
            _file.Write(header);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        _journal.Keep(whole, _fingerprint);
        _file.SetLength(position);
        _file.Position = position;
    }

    private bool HasHeader(ReadOnlySpan<byte> header, byte[] buffer)
    {
        _file.Position = 0;
        return Parts.Count > 0
            && _file.ReadAtLeast(
                buffer.AsSpan(0, header.Length), header.Length, throwOnEndOfStream: false) == header.Length
                &&
            header.SequenceEqual(buffer.AsSpan(0, header.Length));
    }

    private bool IsWhole(JournalEntry part, long position, byte[] buffer)
    {
        _file.Position = position;
        var crc = 0u;
        for (var left = part.Length; left > 0;)
        {
            var read = _file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                return false;
            }

            crc = Crc32C.Append(crc, buffer.AsSpan(0, read));
            left -= read;
        }

        return crc == part.Crc;
    }
}
