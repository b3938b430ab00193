namespace Engine.Server.Access;

/// <summary>
/// A small file that is read again when its content changes. Its content is compared, not its time: links that are
/// swapped, and two changes within one tick of the clock, count too.
/// </summary>
/// <param name="path">May be absent.</param>
internal sealed class WatchedFile(string path)
{
    private const int MaximumBytes = 16 << 20;

    private byte[]? _known;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>The content as last accepted; null when it is absent.</summary>
    public byte[]? Content => _known;

    /// <summary>
    /// Reads the file. True when it differs from what was read before; absent is a content of its own.
    /// </summary>
    /// <exception cref="IOException">It cannot be read, or is too large for what it should be.</exception>
    public bool Read()
    {
        var found = ReadBounded();
        var changed = found is null ? _known is not null : _known is null || !found.AsSpan().SequenceEqual(_known);
        _known = found;
        return changed;
    }

    private byte[]? ReadBounded()
    {
        try
        {
            // The length is asked of the open file: a pipe or a file that grows is no configuration.
            using var file =
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = file.CanSeek && file.Length <= MaximumBytes
                ? new byte[file.Length]
                : throw new IOException($"{path} is no file of at most {MaximumBytes >> 20} MiB");
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (EndOfStreamException e)
        {
            throw new IOException($"{path} changed while it was read", e);
        }
    }
}
