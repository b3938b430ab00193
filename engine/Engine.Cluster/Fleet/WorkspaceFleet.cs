using System.Diagnostics.CodeAnalysis;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Cluster.Fleet;

/// <summary>
/// The snapshots of one workspace on this node of a cluster. What CURRENT of any node names is offered to all; each
/// fetches, verifies and warms it; and when more than half of the living ones are ready, the database says that all
/// serve it. CURRENT follows. Without the database a node serves what it has.
/// </summary>
public sealed class WorkspaceFleet
{
    /// <summary>
    /// The file in a workspace's folder with the ids that CURRENT may hold without being an offer: what the cluster
    /// serves, and for the moment of a change what it served before.
    /// </summary>
    public const string MarkName = "CURRENT.cluster";

    private const string Nothing = "-";
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly FleetTable _table;
    private readonly SnapshotDirectory _directory;
    private readonly SharedCurrent? _shared;
    private readonly string _node;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly Lock _lock = new();
    private readonly VerifiedFiles _files;
    private Task _work = Task.CompletedTask;
    private FleetRow? _row;
    private string[]? _known;
    private string? _active;
    private (string Snapshot, string? Problem, string? Active)? _reported;
    private (string Id, string? Problem)? _prepared;
    private long? _failed;
    private bool _hasLooked;
    private volatile string? _workProblem;

    internal WorkspaceFleet(
        FleetTable table,
        SnapshotDirectory directory,
        SnapshotDirectory? shared,
        string node,
        TimeProvider time,
        CancellationToken stopping)
    {
        (_table, _directory, _node, _time, _stopping) = (table, directory, node, time, stopping);
        _shared = shared is null ? null : new SharedCurrent(shared, table, stopping);
        _files = new VerifiedFiles(
            table,
            new SnapshotPull(table, node, shared is null ? "" : Path.GetDirectoryName(shared.Path)!),
            directory,
            stopping);
    }

    /// <summary>Called when the cluster serves what this node has ready: it is served at the next moment.</summary>
    public Action? Flipped { get; set; }

    /// <summary>
    /// Snapshots that requests name on any node, although they are not served: what a node has, the others fetch.
    /// </summary>
    public IReadOnlyList<string> Named { get; set; } = [];

    /// <summary>What this node is to verify and warm beside what it serves; null for nothing.</summary>
    public (string Id, bool IsForced)? ToPrepare
    {
        get
        {
            lock (_lock)
            {
                return _row?.Offered is { } id && _files.Has(id) ? (id, _row.IsForced) : null;
            }
        }
    }

    /// <summary>What all nodes serve by the database; null before the first one, or when it was never read.</summary>
    public string? Served
    {
        get
        {
            lock (_lock)
            {
                return _row?.Served;
            }
        }
    }

    /// <summary>
    /// The snapshot that this node is to serve now; null while it lacks it. CURRENT is moved to it.
    /// </summary>
    /// <param name="active">What it serves.</param>
    public string? Current(string? active)
    {
        lock (_lock)
        {
            _active = active;
            if (!_hasLooked)
            {
                return active;
            }

            if (_row?.Served is not { } served)
            {
                // The database has not been reached since the start: what was served before is served.
                return _row is null && Known() is [.., var last] && last != Nothing && _directory.StampOf(last) is { }
                    ? last
                    : _directory.ReadCurrent();
            }

            if (!_files.Has(served))
            {
                return active;
            }

            Follow(served);
            return served;
        }
    }

    /// <summary>Why this node does not serve what the others do; null when it does.</summary>
    /// <param name="active">What it serves.</param>
    public string? Lag(string? active)
    {
        lock (_lock)
        {
            if (_row?.Served is not { } served || served == active || _prepared == (served, null))
            {
                return null;
            }

            var why = _workProblem
                ?? (!_files.Has(served) ? "it is being fetched and verified"
                    : _prepared is { Problem: { } problem } found && found.Id == served ? problem
                    : "it is being warmed");
            return $"workspace {_directory.Workspace}: the cluster serves {served}, and this node "
                + $"{active ?? "nothing"}: {why}";
        }
    }

    /// <summary>What is wrong with the next snapshot; null for nothing.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
            {
                return _workProblem
                    ?? _shared?.Problem
                    ?? (_prepared is { Problem: { } why } found && found.Id == _row?.Offered ? why : null);
            }
        }
    }

    /// <summary>Says that an offered snapshot is warm, or why this node refuses it.</summary>
    public void Prepared(string id, string? problem)
    {
        lock (_lock)
        {
            _prepared = (id, problem);
        }
    }

    /// <summary>Offers a snapshot of this node to all; returns when the database knows it.</summary>
    /// <returns>The version of the workspace's row from then on: see <see cref="IsOver"/>.</returns>
    /// <exception cref="InputException">It is not here, or the cluster knows another one under its id.</exception>
    /// <exception cref="StorageException">The database does not answer, or another node was faster.</exception>
    public long Offer(string id, bool isForced)
    {
        _table.Name(_directory, id, _stopping);
        var row = Row();
        if (!_table.TryOffer(_directory.Workspace, row, id, isForced, row?.Shared))
        {
            throw new StorageException(
                $"another node has offered a snapshot of workspace '{_directory.Workspace}' at the same time. Nothing "
                + "was changed. Repeat the call");
        }

        return (row?.Version ?? 0) + 1;
    }

    /// <summary>Whether the offer that gave the row a version is neither open nor served any more.</summary>
    public bool IsOver(string id, long version) =>
        Row() is { } row && row.Version >= version && row.Offered != id && row.Served != id;

    /// <summary>Fetches a snapshot that the cluster knows and this node lacks.</summary>
    /// <exception cref="InputException">The cluster does not know it, or no node has it.</exception>
    /// <exception cref="StorageException">It cannot be stored, or the database does not answer.</exception>
    public void Fetch(string id) => _files.Bring(id);

    /// <summary>Compares with the database, and begins whatever this node has to do. It does not wait for it.</summary>
    /// <param name="row">What the database says now; null when it does not know the workspace.</param>
    internal void Look(FleetRow? row)
    {
        try
        {
            LookAt(row);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            // A CURRENT that holds no id, for example: no other workspace waits for its repair.
            _workProblem = MachineFault.Sentence(e);
        }
    }

    /// <summary>Reads CURRENT of the shared folder; see <see cref="SharedCurrent.Look"/>.</summary>
    internal void LookAtShared() => _shared?.Look();

    /// <summary>The database cannot be read: what was served before may be served.</summary>
    internal void LookFailed()
    {
        lock (_lock)
        {
            _hasLooked = true;
        }
    }

    private void LookAt(FleetRow? row)
    {
        Keep(row);
        Report();
        if (row is { Offered: not null } && _prepared == (row.Offered, null) && _table.TryFlip(row))
        {
            Keep(row with { Served = row.Offered, Offered = null, Version = row.Version + 1 });
        }

        lock (_lock)
        {
            if (!_work.IsCompleted || (_failed is { } since && _time.GetElapsedTime(since) < RetryPause))
            {
                return;
            }

            if (NextWork() is { } work)
            {
                // A thread of its own: hashing and fetching take seconds.
                _work = Task.Factory.StartNew(
                    () => Work(work), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            else
            {
                (_workProblem, _failed) = (null, null);
            }
        }
    }

    private FleetRow? Row()
    {
        lock (_lock)
        {
            return _row;
        }
    }

    private void Keep(FleetRow? row)
    {
        bool isFlip;
        lock (_lock)
        {
            isFlip = row?.Served is { } served && served != _row?.Served && _prepared == (served, null);
            (_row, _hasLooked) = (row, true);
            if (_known is null && Known() is [])
            {
                // A folder that comes for the first time: what it held before is no offer to a cluster that serves.
                Mark(row is null ? [Nothing] : [_directory.ReadCurrent() ?? Nothing]);
            }
        }

        if (isFlip)
        {
            Flipped?.Invoke();
        }
    }

    private void Report()
    {
        (string Snapshot, string? Problem, string? Active)? report;
        lock (_lock)
        {
            var snapshot = _row?.Offered ?? _row?.Served;
            report = snapshot is null ? null
                : _prepared is { } prepared && prepared.Id == snapshot ? (snapshot, prepared.Problem, _active)
                : (snapshot, _workProblem ?? "it is being fetched, verified and warmed", _active);
        }

        if (report is { } found && found != _reported)
        {
            _table.Report(_directory.Workspace, _node, found.Snapshot, found.Problem, found.Active);
            _reported = found;
        }
    }

    private Action? NextWork()
    {
        if (_row?.Served is { } served && !_files.Has(served))
        {
            return () => _files.Bring(served);
        }

        // What a person or a program published in this folder, or in the shared one, since the cluster moved it.
        if (_directory.ReadCurrent() is { } own && !Known().Contains(own))
        {
            var row = _row;
            return own == row?.Served ? () => Remember(own) : () => OfferOwn(own, row);
        }

        if (_shared?.Offer(_row) is { } offer)
        {
            return offer;
        }

        if (_row?.Offered is { } offered && !_files.Has(offered))
        {
            return () => _files.Bring(offered);
        }

        string[] named = [.. Named.Where(id => !_files.Has(id))];
        return named.Length > 0 ? () => _files.Share(named) : null;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever fails is told, and tried again.")]
    private void Work(Action work)
    {
        try
        {
            work();
            (_workProblem, _failed) = (null, null);
        }
        catch (Exception e)
        {
            (_workProblem, _failed) = (MachineFault.Sentence(e), _time.GetTimestamp());
        }
    }

    private void OfferOwn(string id, FleetRow? row)
    {
        _files.Name(id);
        if (_table.TryOffer(_directory.Workspace, row, id, isForced: false, row?.Shared))
        {
            Remember(id);
        }
    }

    // What CURRENT of this folder names is known to the cluster from now on.
    private void Remember(string id)
    {
        lock (_lock)
        {
            Mark([.. Known(), id]);
        }
    }

    // For the holder of the lock. First the mark, then CURRENT: a node that is killed in between offers nothing old.
    private void Follow(string served)
    {
        var current = _directory.ReadCurrent();
        if (current == served)
        {
            if (Known() is not [var only] || only != served)
            {
                Mark([served]);
            }
        }
        else if ((current is null || Known().Contains(current)) && current != (_row?.Offered ?? ""))
        {
            Mark([current ?? Nothing, served]);
            _directory.Activate(served);
            Mark([served]);
        }
    }

    private string[] Known() => _known ??= PlainFile.ReadText(MarkPath, 1 << 10)?.Split(
        (char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];

    private void Mark(string[] ids)
    {
        var text = string.Join('\n', ids) + "\n";
        AtomicFile.Write(MarkPath, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
        _known = ids;
    }

    private string MarkPath => Path.Combine(_directory.Path, MarkName);
}
