using Engine.Scoring.Hosting;
using Engine.Server.Events;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;

namespace Engine.Server.Workspaces;

/// <summary>Makes the people unknown whom the list of a workspace names, in every snapshot that it has open.</summary>
internal sealed partial class ForgottenFollower(
    SnapshotDirectory directory,
    SnapshotHost host,
    NamedSnapshots named,
    EventStore events,
    RecentRequests recent,
    ILogger logger)
{
    private readonly Lock _lock = new();
    private (long Length, DateTime Written)? _seen;
    private (long Length, DateTime Written)? _erased;
    private volatile string? _problem;
    private int _unreported;

    /// <summary>Why those who are hidden are not those of the list; null when they are.</summary>
    public string? Problem => _problem;

    /// <summary>The people of the list.</summary>
    public ForgottenUsers Users { get; private set; } = ForgottenUsers.None;

    /// <summary>Reads the list when it has changed.</summary>
    /// <returns>Events that were erased since the last call.</returns>
    /// <exception cref="InputException">It cannot be read.</exception>
    public int Refresh()
    {
        lock (_lock)
        {
            Follow();

            // The watch over the list may have erased them while the caller still erased other things.
            var erased = _unreported;
            _unreported = 0;
            return erased;
        }
    }

    private void Follow()
    {
        lock (_lock)
        {
            var stamp = ForgottenUsers.StampOf(directory.Path);
            if (stamp is null || stamp == _seen)
            {
                return;
            }

            var forgotten = ForgottenUsers.Read(directory.Path);
            if (host.TryAcquire(out var lease))
            {
                using (lease)
                {
                    lease.Model.Snapshot.Hide(forgotten);
                }
            }

            named.Hide(forgotten);
            (Users, _seen) = (forgotten, stamp);
            if (stamp == _erased)
            {
                return;
            }

            recent.Clear();
            _unreported += events.Erase(forgotten.Contains);
            _erased = stamp;
        }
    }

    /// <summary>The same; a list that cannot be read is logged, once for each reason.</summary>
    public void TryRefresh()
    {
        try
        {
            Follow();
            _problem = null;
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            if (_problem != e.Message)
            {
                LogUnreadable(directory.Workspace, e.Message);
            }

            _problem = e.Message;
        }
    }

    /// <summary>Reads the list for a snapshot that has just been opened.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _seen = null;
        }

        TryRefresh();
    }

    [LoggerMessage(LogLevel.Error, "workspace {Workspace}: the list of forgotten people cannot be read: {Reason}")]
    private partial void LogUnreadable(string workspace, string reason);
}
