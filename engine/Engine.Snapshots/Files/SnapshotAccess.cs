namespace Engine.Snapshots.Files;

/// <summary>Which bytes an open snapshot shows.</summary>
public enum SnapshotAccess
{
    /// <summary>
    /// The file itself. A program that truncates it ends this process: for commands that run for seconds.
    /// </summary>
    InPlace,

    /// <summary>
    /// A private copy without a name, which nobody can change: for services. Where there is no room or no right for a
    /// copy, the file itself is mapped; see <c>Snapshot.IsPrivate</c>.
    /// </summary>
    PrivateCopy,
}
