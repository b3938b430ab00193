using Engine.Cluster;
using Engine.Cluster.Parts;
using Engine.Scoring.Comparing;
using Engine.Scoring.Events;
using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;

namespace Engine.Server.Workspaces;

/// <summary>
/// One tenant: its published snapshots, the served one, and why the published one is not served. An invalid snapshot
/// never replaces a valid one, nor does one beyond the policy.
/// </summary>
internal sealed partial class Workspace : IFollowerOwner, IDisposable
{
    /// <summary>Replaced snapshots that may stay mapped for streams.</summary>
    public const int MaximumRetired = 2;

    private readonly SnapshotDirectory _directory;
    private readonly SnapshotLoader _loader;
    private readonly RetiredModels _retired = new(MaximumRetired);
    private readonly SnapshotHost _host;
    private readonly NamedSnapshots _named;
    private readonly CurrentFollower _follower;
    private readonly ForgottenFollower _forgotten;
    private readonly PolicyFile _policy;
    private readonly FleetFollower? _fleet;
    private readonly int _threads;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _logger;
    private WriterLock? _served;

    /// <summary>Serves nothing until <see cref="Refresh"/>.</summary>
    public Workspace(
        SnapshotDirectory directory,
        ServerOptions options,
        ServerMetrics metrics,
        WarmUpQueries warmUp,
        ILogger logger,
        TimeProvider? time = null,
        ClusterNode? cluster = null)
    {
        _host = new SnapshotHost(_retired, ModelCloser.Close);
        _directory = directory;
        Recent = new RecentRequests(() => Forgotten);
        _loader = new SnapshotLoader(directory, (long)options.ServedMebibytes << 20, warmUp, Recent);
        _named = new NamedSnapshots(directory, (long)options.NamedMebibytes << 20, _retired, ModelCloser.Close);
        _policy = new PolicyFile(directory.Path);
        _threads = options.TaskThreads;
        _metrics = metrics;
        _logger = logger;
        Catalog = new WorkspaceCatalog(directory.Path, options.Limits, cluster?.Of(directory.Workspace));
        _forgotten = new ForgottenFollower(directory, _host, _named, Catalog.Events, Recent, logger);
        _follower = new CurrentFollower(directory, _host, _forgotten.List, this, time ?? TimeProvider.System);
        SharedTasks = cluster?.TasksOf(directory.Workspace);
        if (cluster?.FleetOf(directory.Workspace) is { } fleet)
        {
            _fleet = new FleetFollower(
                fleet,
                (id, stop) => _loader.Load(id, ActiveId, stop),
                Judge,
                _policy.StampOf,
                time ?? TimeProvider.System);
            fleet.Flipped = () => _follower.Refresh();
        }

        Activator = new SnapshotActivator(directory, _loader, _follower, _policy, Judge, _fleet);
    }

    /// <summary>As requests name it.</summary>
    public string Name => _directory.Workspace;

    /// <summary>Saved pools and audiences.</summary>
    public WorkspaceCatalog Catalog { get; }

    /// <summary>A sample of the light requests that were answered last.</summary>
    public RecentRequests Recent { get; }

    /// <summary>The tasks that all nodes of a cluster run together; null where this engine runs its own.</summary>
    public ClusterTasks? SharedTasks { get; }

    /// <summary>Who must stay unknown.</summary>
    public ForgottenUsers Forgotten => _forgotten.List.Users;

    /// <summary>The served snapshot, or null.</summary>
    public string? ActiveId => _follower.ActiveId;

    /// <summary>
    /// Why the served snapshot is not the one that CURRENT names, or what has become of its file; null when all is
    /// well.
    /// </summary>
    public string? Problem =>
        Lag ?? _follower.Problem ?? _fleet?.Fleet.Problem ?? _forgotten.List.Problem ?? Catalog.Blocked.Problem;

    /// <summary>Whether something is wrong. That nothing is published is a problem, but no fault.</summary>
    public bool IsFaulty => Problem is { } problem && !(_follower.IsEmpty && problem == _follower.Problem);

    /// <summary>Why the other nodes of the cluster serve another snapshot; null when they do not.</summary>
    public string? Lag => _fleet?.Fleet.Lag(ActiveId);

    /// <summary>The published snapshot that <see cref="Problem"/> is about, or null.</summary>
    public string? RefusedId => _follower.RefusedId;

    /// <summary>The published ids, newest data first.</summary>
    public IReadOnlyList<string> Published => _directory.List();

    /// <summary>The path of a published snapshot.</summary>
    public string FilePath(string id) => _directory.FilePath(id);

    /// <summary>A lease on the served model, or on the published one that is named.</summary>
    /// <exception cref="NotServingException">Nothing is served.</exception>
    /// <exception cref="NotFoundException">The named one is not published.</exception>
    /// <exception cref="SnapshotFormatException">The named one is damaged.</exception>
    public ModelLease Acquire(string snapshotId)
    {
        if (_host.TryAcquire(out var lease))
        {
            if (IsNamed(lease.Model.Snapshot, snapshotId))
            {
                return lease;
            }

            lease.Dispose();
        }

        return snapshotId.Length == 0 ? throw NotServing() : _named.Acquire(_directory.Resolve(snapshotId));
    }

    /// <summary>
    /// Whether <see cref="Acquire"/> answers or refuses at once; else it verifies a file first, which takes seconds.
    /// </summary>
    public bool IsOpen(string snapshotId) =>
        snapshotId.Length == 0 || snapshotId == ActiveId
        || (ActiveId is { } active && ShardTerms.IsShardOf(active, snapshotId)) || _named.IsOpen(snapshotId);

    /// <summary>The same for a stream.</summary>
    public ModelPin Pin(string snapshotId)
    {
        if (_host.TryPin() is { } pin)
        {
            if (IsNamed(pin.Model.Snapshot, snapshotId))
            {
                return pin;
            }

            pin.Dispose();
        }

        return snapshotId.Length == 0 ? throw NotServing() : _named.Pin(_directory.Resolve(snapshotId));
    }

    /// <summary>
    /// Serves what CURRENT names. Rejects an invalid snapshot and keeps serving the current one; see
    /// <see cref="Problem"/>.
    /// </summary>
    /// <param name="stopping">Ends a load: the engine stops.</param>
    public void Refresh(CancellationToken stopping = default)
    {
        _served ??= ServedLock.TryShare(_directory.Path);

        // Before anything is served: answers after a start know the events that were acknowledged before it.
        Catalog.Events.TryOpen();
        _forgotten.TryRefresh();
        if (_fleet is not null)
        {
            _fleet.Fleet.Named = Catalog.Experiments.SnapshotIds();
            _fleet.Prepare(ActiveId, _follower.Problem, stopping);
        }

        _follower.Refresh(stopping);
    }

    /// <summary>Makes the people unknown who were forgotten since the last time, in every open snapshot.</summary>
    /// <exception cref="InputException">The list cannot be read.</exception>
    /// <returns>Events that were erased.</returns>
    public int RefreshForgotten() => _forgotten.Refresh();

    /// <summary>Drops the events that every published snapshot holds.</summary>
    public void TrimEvents()
    {
        // Ids begin with the day of the latest behavior: what is earlier than that day is surely in the data.
        if (Published is [.., var oldest]
            && DateOnly.TryParseExact(oldest.AsSpan(0, Math.Min(8, oldest.Length)), "yyyyMMdd", out var day))
        {
            Catalog.Events.Trim(EventTime.Of(day.ToDateTime(default)));
        }
    }

    /// <summary>Fetches a snapshot from the other nodes of the cluster.</summary>
    public void Fetch(string id) => _fleet?.Fleet.Fetch(id);

    /// <summary>Changes the served snapshot, as people ask for it.</summary>
    public SnapshotActivator Activator { get; }

    /// <summary>Compares two models of this workspace, and judges the second by the policy.</summary>
    public (SnapshotDiff Diff, IReadOnlyList<string> Breaches) Compare(
        ScoringModel before, ScoringModel after, int users, string? category, CancellationToken cancel)
    {
        var diff = SnapshotComparer.Compare(
            before, after, PolicyFile.OptionsOf(users, category, _threads, Catalog.Audiences), cancel);
        return (diff, _policy.Current?.Judge(diff) ?? []);
    }

    /// <summary>Stops serving; leases stay valid until they end.</summary>
    public void Dispose()
    {
        _follower.Stop();
        _fleet?.Dispose();
        _host.Dispose();
        _named.Dispose();
        Catalog.Events.Dispose();
        Catalog.Shown.Dispose();
        _served?.Dispose();
    }

    string? IFollowerOwner.Choose(Func<string?> current, string? active) =>
        _fleet is null ? current() : _fleet.Fleet.Current(active);

    ScoringModel IFollowerOwner.Load(string id, CancellationToken cancellation) =>
        _fleet?.Take(id) ?? _loader.Load(id, ActiveId, cancellation);

    // At a start nothing is served that a new snapshot could be compared with: the last one that passed is served
    // first.
    string? IFollowerOwner.Baseline(string id) =>
        _fleet is null && _policy.IsToBeJudged(id) ? _policy.Baseline(_directory) : null;

    string? IFollowerOwner.Judge(ScoringModel model, CancellationToken cancellation)
    {
        // The nodes of a cluster judge what is offered; what the cluster serves is served.
        var reason = _fleet is null ? Judge(model, cancellation) : null;
        if (reason is not null && ActiveId is { } served)
        {
            RecordFirst(served);
        }

        return reason;
    }

    string IFollowerOwner.JudgedBy(string id) => _policy.StampOf(id);

    void IFollowerOwner.Serving(ScoringModel model, string? previous)
    {
        var (id, manifest) = (model.Snapshot.Id, model.Snapshot.Manifest);
        if (!model.Snapshot.IsPrivate && OperatingSystem.IsLinux())
        {
            LogInPlace(Name, id);
        }

        _metrics.Swapped(Name);
        TryApprove(id);
        LogServing(
            Name,
            id,
            manifest.UserCount,
            manifest.ProductCount,
            previous is null ? "first snapshot" : $"previously {previous}");
    }

    void IFollowerOwner.Following(string id) => RecordFirst(id);

    void IFollowerOwner.Refused(string reason)
    {
        _metrics.Refused(Name);
        LogRefused(Name, reason, ActiveId ?? "nothing");
    }

    void IFollowerOwner.Waiting(string reason) => LogWaiting(Name, reason, ActiveId ?? "nothing");

    // What was served when the policy was made has passed: without it, a restart would serve what the policy refused.
    private void RecordFirst(string served)
    {
        if (_policy.IsNew)
        {
            TryApprove(served);
        }
    }

    // Another engine, or none, may have the right to write here: the next start then compares with an older snapshot.
    private void TryApprove(string id)
    {
        try
        {
            _policy.Approve(id);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            LogApproval(Name, e.Message);
        }
    }

    // Why the policy refuses a model; null when it passes, or nothing is served.
    private string? Judge(ScoringModel model, CancellationToken cancellation)
    {
        using var pin = _policy.IsToBeJudged(model.Snapshot.Id) ? _host.TryPin() : null;
        return pin is null ? null : _policy.Judge(pin.Model, model, Catalog.Audiences, _threads, cancellation);
    }

    private static bool IsNamed(Snapshot snapshot, string id) =>
        id.Length == 0 || snapshot.Id == id || snapshot.SetId == id;

    private NotServingException NotServing() => new($"workspace '{Name}' has no active snapshot: {_follower.Problem}");

    [LoggerMessage(
        LogLevel.Information,
        "workspace {Workspace}: now serving {SnapshotId} ({Users} users, {Products} products; {Previous})")]
    private partial void LogServing(string workspace, string snapshotId, int users, int products, string previous);

    [LoggerMessage(
        LogLevel.Warning,
        "workspace {Workspace}: no room or no right for a private copy of {SnapshotId}, so the published file itself "
        + "is mapped. Do not write to it: truncating it ends the engine")]
    private partial void LogInPlace(string workspace, string snapshotId);

    [LoggerMessage(
        LogLevel.Warning, "workspace {Workspace}: cannot record the snapshot that passed the policy: {Reason}")]
    private partial void LogApproval(string workspace, string reason);

    [LoggerMessage(LogLevel.Warning, "workspace {Workspace}: {Reason} (serving {Active})")]
    private partial void LogWaiting(string workspace, string reason, string active);

    [LoggerMessage(LogLevel.Error, "workspace {Workspace}: {Reason} (still serving {Active})")]
    private partial void LogRefused(string workspace, string reason, string active);
}
