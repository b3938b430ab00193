using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Engine.Cluster.Configuration;
using Engine.Cluster.Database;
using Engine.Cluster.Documents;
using Engine.Cluster.Fleet;
using Engine.Cluster.Membership;
using Engine.Cluster.Parts;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engine.Cluster;

/// <summary>
/// This node in its cluster: it joins and leaves with the engine, joins again when the others took it for dead, and
/// keeps the documents of all workspaces equal to those of the database. Whatever fails here, the engine goes on
/// serving what it has: see <see cref="Problems"/>.
/// </summary>
public sealed partial class ClusterNode : IHostedService, IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly ClusterSettings _settings;
    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly ClusterDatabase _database;
    private readonly DocumentTable _documents;
    private readonly FleetTable _fleet;
    private readonly ConcurrentDictionary<string, WorkspaceDocuments> _workspaces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WorkspaceFleet> _fleets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ClusterTasks> _tasks = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private PeerServer? _peers;
    private long _renewed;
    private volatile NodeSilo? _silo;
    private volatile string? _membershipProblem = "this node has not joined yet";
    private volatile string? _databaseProblem;
    private Task _running = Task.CompletedTask;

    /// <summary>Nothing is sent before <see cref="StartAsync"/>.</summary>
    /// <param name="settings">As cluster.json says.</param>
    /// <param name="root">The folder with a folder for each workspace.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Receives what Orleans reports too.</param>
    /// <exception cref="InputException">The source file of the database cannot be used.</exception>
    public ClusterNode(ClusterSettings settings, string root, TimeProvider time, ILoggerFactory loggers)
    {
        (_settings, _root, _time, _loggers) = (settings, Path.GetFullPath(root), time, loggers);
        _logger = loggers.CreateLogger<ClusterNode>();
        _database = new ClusterDatabase(settings);
        _documents = new DocumentTable(_database, settings.Cluster);
        _fleet = new FleetTable(_database, settings.Cluster);
    }

    /// <summary>The living nodes, as this one sees them; none while it has not joined.</summary>
    public IReadOnlyList<string> Members => _silo?.Members ?? [];

    /// <summary>What is wrong, a sentence each.</summary>
    public IEnumerable<string> Problems() =>
    [
        .. new[] { _databaseProblem, _membershipProblem, TwinProblem }.OfType<string>()
            .Select(problem => $"cluster: {problem}"),
        .. _workspaces.Values.Where(documents => documents.Problem is not null)
            .Select(documents => $"cluster: workspace {documents.Workspace}: {documents.Problem}"),
    ];

    // Copied from another machine with its cluster.json, for example.
    private string? TwinProblem => Members.Count(name => name == _settings.Node) < 2 ? null
        : $"another living node is named '{_settings.Node}', too, and quorums and tasks take both for one. Give each "
            + "node a name of its own in its cluster.json, and restart it. A node that was killed counts as living "
            + "until it is declared dead";

    /// <summary>The documents of a workspace of this node; followed from now on.</summary>
    public WorkspaceDocuments Of(string workspace) => _workspaces.GetOrAdd(
        workspace,
        name => new WorkspaceDocuments(_documents, _settings.Cluster, name, Path.Combine(_root, name), _time));

    /// <summary>The snapshots of a workspace of this node; compared with the cluster's from now on.</summary>
    public WorkspaceFleet FleetOf(string workspace) => _fleets.GetOrAdd(
        workspace,
        name => new WorkspaceFleet(
            _fleet,
            new SnapshotDirectory(_root, name),
            _settings.Shared.Length == 0 ? null : new SnapshotDirectory(_settings.Shared, name),
            _settings.Node,
            _time,
            _stopping.Token));

    /// <summary>The tasks of a workspace that all nodes run together; null without a shared folder.</summary>
    public ClusterTasks? TasksOf(string workspace) => _settings.Shared.Length == 0 ? null : _tasks.GetOrAdd(
        workspace,
        name =>
        {
            var folder = Path.Combine(_settings.Shared, name, "tasks");
            ClusterTasks.Place(Path.Combine(_root, name), folder);
            return new ClusterTasks(_database, _settings.Cluster, name, folder, _settings.Node, _settings.LeaseSeconds);
        });

    /// <summary>Begins to join. It does not wait: an engine whose database is away serves what it has.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Threads of their own: looks at the database block, and the pool's threads are for requests.
        var following = Task.Factory.StartNew(
            Follow, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (_settings.Shared.Length > 0)
        {
            // Nobody waits for this one, not even the stop: a shared folder may hang for minutes.
            _ = Task.Factory.StartNew(
                FollowShared, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        _running = Task.WhenAll(following, Task.Run(Belong, CancellationToken.None));
        return Task.CompletedTask;
    }

    /// <summary>Leaves the cluster.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_peers is not null)
        {
            await _peers.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _database.Dispose();
    }

    // Joins, and joins again whenever the others have taken this node for dead.
    [SuppressMessage("Design", "CA1031", Justification = "Whatever Orleans throws, the engine serves and tries again.")]
    private async Task Belong()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                ClusterSchema.Ensure(_database);
                _peers ??= await PeerServer.Start(_settings, _root, _fleet.Secret());
                _fleet.Announce(_settings.Node, _settings.Peer);
                await using var silo = await NodeSilo.Join(_settings, _database, _loggers, _stopping.Token);
                (_silo, _membershipProblem) = (silo, null);
                LogJoined(_settings.Node, _settings.Cluster, string.Join(", ", silo.Members));
                var reason = await silo.Died.WaitAsync(_stopping.Token);
                _membershipProblem = Report(
                    _membershipProblem, $"the other nodes took this one for dead ({reason}). It joins again");
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _membershipProblem = Report(
                    _membershipProblem,
                    $"cannot join ({MachineFault.Sentence(e).TrimEnd('.')}). What is served keeps being served, "
                    + "and this node tries again");
            }
            finally
            {
                _silo = null;
            }

            await Task.Delay(RetryPause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A follower that ends would never see the next change.")]
    private void Follow()
    {
        var hasTables = false;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (!hasTables)
                {
                    // Whoever comes first makes them: to find none in a new database is no fault.
                    ClusterSchema.Ensure(_database);
                    hasTables = true;
                }

                Look();
                _databaseProblem = null;
            }
            catch (Exception e)
            {
                _databaseProblem = Report(_databaseProblem, MachineFault.Sentence(e));
                foreach (var fleet in _fleets.Values)
                {
                    fleet.LookFailed();
                }
            }

            _stopping.Token.WaitHandle.WaitOne(_settings.PollMilliseconds);
        }
    }

    private void Look()
    {
        var changes = _documents.Changes();
        var rows = _fleet.Rows();
        ExceptionDispatchInfo? failed = null;
        foreach (var workspace in changes.Select(change => change.Workspace).Concat(rows.Select(row => row.Workspace))
            .Where(workspace => !_workspaces.ContainsKey(workspace)))
        {
            // The server finds workspaces by their folders, and then asks for the documents.
            Apart(() => AtomicFile.CreateFolder(
                Path.Combine(new SnapshotDirectory(_root, workspace).Path, "pools")));
        }

        Apart(RenewLeases);

        // Before the snapshots: a person who was forgotten waits for no file.
        foreach (var documents in _workspaces.Values)
        {
            Apart(() => Follow(
                documents, changes.FirstOrDefault(change => change.Workspace == documents.Workspace).Change));
        }

        foreach (var (workspace, fleet) in _fleets)
        {
            fleet.Look(rows.FirstOrDefault(row => row.Workspace == workspace));
        }

        failed?.Throw();

        // What fails for one workspace keeps no other from following.
        void Apart(Action step)
        {
            try
            {
                step();
            }
            catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
            {
                failed ??= ExceptionDispatchInfo.Capture(e);
            }
        }
    }

    private static void Follow(WorkspaceDocuments documents, long change)
    {
        try
        {
            documents.Follow(change);
        }
        catch (StorageException) when (documents.Problem is not null)
        {
            // It says itself why it may not join.
        }
    }

    // Three times in a lease: one that fails costs none.
    private void RenewLeases()
    {
        if (_time.GetElapsedTime(_renewed).TotalSeconds * 3 >= _settings.LeaseSeconds)
        {
            foreach (var tasks in _tasks.Values)
            {
                tasks.Renew();
            }

            _renewed = _time.GetTimestamp();
        }
    }

    private void FollowShared()
    {
        while (!_stopping.IsCancellationRequested)
        {
            foreach (var fleet in _fleets.Values)
            {
                fleet.LookAtShared();
            }

            _stopping.Token.WaitHandle.WaitOne(_settings.PollMilliseconds);
        }
    }

    // Told once for each reason.
    private string Report(string? problem, string sentence)
    {
        if (problem != sentence)
        {
            LogProblem(_settings.Cluster, sentence);
        }

        return sentence;
    }

    [LoggerMessage(LogLevel.Information, "node {Node} has joined cluster {Cluster}; its living nodes: {Members}")]
    private partial void LogJoined(string node, string cluster, string members);

    [LoggerMessage(LogLevel.Warning, "cluster {Cluster}: {Problem}")]
    private partial void LogProblem(string cluster, string problem);
}
