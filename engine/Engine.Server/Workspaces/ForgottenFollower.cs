using Engine.Scoring.Hosting;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;

namespace Engine.Server.Workspaces;

/// <summary>Makes the people unknown whom the list of a workspace names, in every snapshot that it has open.</summary>
internal sealed partial class ForgottenFollower(
    SnapshotDirectory directory, SnapshotHost host, NamedSnapshots named, ILogger logger)
{
    private readonly Lock _lock = new();
    private (long Length, DateTime Written)? _seen;
    private string? _problem;

    /// <summary>Reads the list when it has changed.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public void Refresh()
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
            _seen = stamp;
        }
    }

    /// <summary>The same; a list that cannot be read is logged, once for each reason.</summary>
    public void TryRefresh()
    {
        try
        {
            Refresh();
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
