using Engine.Scoring.Hosting;
using Engine.Server.Events;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;

namespace Engine.Server.Workspaces;

/// <summary>
/// Makes the people unknown whom the list of a workspace names, in every snapshot that it has open, and erases their
/// events.
/// </summary>
internal sealed partial class ForgottenFollower
{
    private readonly string _workspace;
    private readonly NamedSnapshots _named;
    private readonly EventStore _events;
    private readonly RecentRequests _recent;
    private readonly ILogger _logger;
    private string? _logged;
    private int _unreported;

    public ForgottenFollower(
        SnapshotDirectory directory,
        SnapshotHost host,
        NamedSnapshots named,
        EventStore events,
        RecentRequests recent,
        ILogger logger)
    {
        (_workspace, _named, _events, _recent, _logger) = (directory.Workspace, named, events, recent, logger);
        List = new ForgottenList(directory, host, Follow);
    }

    /// <summary>The list.</summary>
    public ForgottenList List { get; }

    /// <summary>Reads the list when it has changed.</summary>
    /// <returns>
    /// Events that were erased since the last call; the watch over the list may have erased some meanwhile.
    /// </returns>
    /// <exception cref="InputException">It cannot be read.</exception>
    public int Refresh()
    {
        List.Refresh();
        return Interlocked.Exchange(ref _unreported, 0);
    }

    /// <summary>The same; a list that cannot be read is logged, once for each reason.</summary>
    public void TryRefresh()
    {
        try
        {
            List.Refresh();
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            if (_logged != List.Problem)
            {
                LogUnreadable(_workspace, List.Problem);
            }
        }

        _logged = List.Problem;
    }

    private void Follow(ForgottenUsers forgotten)
    {
        _named.Hide(forgotten);
        _recent.Clear();
        Interlocked.Add(ref _unreported, _events.Erase(forgotten.Contains));
    }

    [LoggerMessage(LogLevel.Error, "workspace {Workspace}: the forgotten people cannot all be made unknown: {Reason}")]
    private partial void LogUnreadable(string workspace, string? reason);
}
