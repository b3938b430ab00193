using Engine.Snapshots.Files;

namespace Engine.Server.Access;

/// <summary>
/// A small file that is read again when its content changes. Its content is compared, not its time: links that are
/// swapped, and two changes within one tick of the clock, count too.
/// </summary>
/// <param name="path">May be absent.</param>
internal sealed class WatchedFile(string path)
{
    /// <summary>The most bytes of a file that is watched.</summary>
    public const int MaximumBytes = 16 << 20;

    private byte[]? _known;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>The content as last accepted; null when it is absent.</summary>
    public byte[]? Content => _known;

    /// <summary>
    /// Reads the file. True when it differs from what was read before; absent is a content of its own.
    /// </summary>
    /// <exception cref="InputException">It is no regular file, or too large for what it should be.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool Read()
    {
        // A link is followed: orchestrators swap the files of a secret by one.
        var found = PlainFile.ReadBytes(path, MaximumBytes, followLink: true);
        var changed = found is null ? _known is not null : _known is null || !found.AsSpan().SequenceEqual(_known);
        _known = found;
        return changed;
    }
}
