using Engine.Scoring.Events;
using Engine.Snapshots.Files;

namespace Engine.Server.Events;

/// <summary>
/// A file of the log whose content is known: whether it is still there is seen by its status, and when that is another
/// one, by the checksums of its records. The thread of the log changes it, any thread may ask.
/// </summary>
internal sealed class KnownSegment
{
    private readonly Lock _lock = new();
    private FileStamp? _stamp;
    private FileStamp? _refused;
    private long _length;
    private uint _chain;
    private int _writes;

    /// <summary>Knows a file as it is now.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Of its records, which were read.</param>
    /// <param name="chain">Of them: see <see cref="EventSegment.Chain"/>.</param>
    public KnownSegment(string path, long length, uint chain) =>
        (Path, _length, _chain, _stamp) = (path, length, chain, FileStamp.Of(path));

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Bytes that were acknowledged.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Whether a file of this name has these records and no others.</summary>
    public bool IsThere()
    {
        // The known length first: what is written between the two lines makes the file longer, never shorter.
        var (writes, length) = (Volatile.Read(ref _writes), Length);
        if (StampOf() is not { Kind: FileKind.Regular } found || found.Length < length)
        {
            return false;
        }

        // Between the bytes of a record and their acknowledgement the status says nothing.
        if (IsWritten(writes))
        {
            return true;
        }

        lock (_lock)
        {
            if (_stamp?.IsContentOf(found) == true)
            {
                return true;
            }

            if (found != _refused)
            {
                if (Holds())
                {
                    _stamp = found;
                    return true;
                }

                _refused = found;
            }

            return IsWritten(writes);
        }
    }

    /// <summary>Records are being written behind the known ones.</summary>
    public void Begin() => Interlocked.Increment(ref _writes);

    /// <summary>The records that were written are known, or those before them alone.</summary>
    public void End(ReadOnlySpan<byte> written)
    {
        lock (_lock)
        {
            _chain = EventSegment.Chain(_chain, written);
            Interlocked.Add(ref _length, written.Length);
            _stamp = StampOf();
            Interlocked.Increment(ref _writes);
        }
    }

    /// <summary>Erases the rows of some users.</summary>
    /// <returns>How many.</returns>
    public int Erase(UserTest isErased)
    {
        lock (_lock)
        {
            // Of a file that is another one the person is erased, too, but its other rows are none of this log.
            var isKnown = Holds();
            var erased = EventSegment.Erase(Path, isErased);
            if (isKnown)
            {
                (_, _, _chain) = EventSegment.Read(Path, (_, _, _, _, _) => { });
                _stamp = FileStamp.Of(Path);
            }

            return erased;
        }
    }

    // A folder that cannot be searched has nothing that could be read again.
    private FileStamp? StampOf()
    {
        try
        {
            return FileStamp.Of(Path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private bool IsWritten(int writes) => (writes & 1) == 1 || writes != Volatile.Read(ref _writes);

    private bool Holds()
    {
        try
        {
            return EventSegment.Read(Path, (_, _, _, _, _) => { }) == (_length, _length, _chain);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
