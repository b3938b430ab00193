using Engine.Snapshots;

namespace Engine.Cluster.Fleet;

/// <summary>CURRENT of the shared folder in one workspace, and the offers that are made from it.</summary>
/// <param name="directory">The workspace in the shared folder.</param>
/// <param name="table">Receives the offers.</param>
/// <param name="stopping">Ends the reading of a file.</param>
internal sealed class SharedCurrent(SnapshotDirectory directory, FleetTable table, CancellationToken stopping)
{
    private volatile string? _id;
    private volatile string? _problem;

    /// <summary>Why it cannot be read; null when it can.</summary>
    public string? Problem => _problem;

    /// <summary>Reads it, on a thread and under no lock that anybody waits for: NFS may hang.</summary>
    public void Look()
    {
        try
        {
            (_id, _problem) = (directory.ReadCurrent(), null);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            _problem = MachineFault.Sentence(e);
        }
    }

    /// <summary>Offers what it names to all nodes; null when that was taken from there already.</summary>
    /// <param name="row">What the database says.</param>
    public Action? Offer(FleetRow? row) => _id is not { } id || id == row?.Shared ? null : () =>
    {
        table.Name(directory, id, stopping);
        table.TryOffer(directory.Workspace, row, id, isForced: false, id);
    };
}
