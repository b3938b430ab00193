using Engine.Snapshots.Files;

namespace Engine.Scoring.Hosting;

/// <summary>
/// The published file that was rejected last. It is tried again as soon as it changes in any way, and otherwise after a
/// wait that doubles from one second to a minute: what was in the way may have been memory, or a folder's rights.
/// </summary>
public sealed class RefusedFile(TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWait = TimeSpan.FromMinutes(1);

    private string? _id;
    private FileStamp? _stamp;
    private long _since;
    private TimeSpan _wait;

    /// <summary>Whether this file is to be tried now.</summary>
    /// <param name="id">The snapshot.</param>
    /// <param name="stamp">Its file as it is now; null when there is none.</param>
    public bool IsDue(string id, FileStamp? stamp) =>
        id != _id || stamp != _stamp || time.GetElapsedTime(_since) >= _wait;

    /// <summary>Remembers that it was rejected.</summary>
    public void Add(string id, FileStamp? stamp)
    {
        var isAgain = id == _id && stamp == _stamp;
        _wait = !isAgain ? FirstWait : _wait < LastWait / 2 ? _wait * 2 : LastWait;
        (_id, _stamp, _since) = (id, stamp, time.GetTimestamp());
    }

    /// <summary>Forgets it.</summary>
    public void Clear() => (_id, _stamp) = (null, null);
}
