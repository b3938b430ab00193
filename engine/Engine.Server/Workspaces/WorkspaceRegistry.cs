using System.Collections.Concurrent;
using Engine.Cluster;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Workspaces;

/// <summary>The workspaces below the snapshot root: one for each folder, and always the default one.</summary>
internal sealed partial class WorkspaceRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Workspace> _byName = new(StringComparer.Ordinal);
    private readonly ServerOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly WarmUpQueries _warmUp;
    private readonly ILogger<Workspace> _logger;
    private readonly TimeProvider _time;
    private readonly ClusterNode? _cluster;
    private readonly TaskCompletionSource _firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nothing is opened yet: <see cref="Refresh"/> does that.</summary>
    public WorkspaceRegistry(
        ServerOptions options,
        ServerMetrics metrics,
        WarmUpQueries warmUp,
        ILogger<Workspace> logger,
        TimeProvider time,
        ClusterNode? cluster = null)
    {
        _cluster = cluster;
        _options = options;
        _metrics = metrics;
        _warmUp = warmUp;
        _logger = logger;
        _time = time;
        Add(SnapshotDirectory.DefaultWorkspace);
    }

    /// <summary>Completes when every workspace has read its CURRENT once.</summary>
    public Task FirstRead => _firstRead.Task;

    /// <summary>In ordinal order of their names.</summary>
    public IEnumerable<Workspace> All => _byName.Values.OrderBy(workspace => workspace.Name, StringComparer.Ordinal);

    /// <summary>The workspace of that name; empty means the default one.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public Workspace Get(string name) =>
        _byName.TryGetValue(name.Length == 0 ? SnapshotDirectory.DefaultWorkspace : name, out var workspace)
            ? workspace
            : throw new NotFoundException(
                $"workspace '{name}' does not exist. Workspaces are the folders below --snapshots");

    /// <summary>Finds new workspaces, and checks the CURRENT of each.</summary>
    public void Refresh(CancellationToken cancellation)
    {
        foreach (var name in SnapshotDirectory.Workspaces(_options.Snapshots))
        {
            Add(name);
        }

        foreach (var workspace in All)
        {
            cancellation.ThrowIfCancellationRequested();
            workspace.Refresh(cancellation);
        }

        _firstRead.TrySetResult();
    }

    /// <summary>Stops serving; leases stay valid until they end.</summary>
    public void Dispose()
    {
        foreach (var workspace in _byName.Values)
        {
            workspace.Dispose();
        }
    }

    private void Add(string name)
    {
        if (!_byName.ContainsKey(name))
        {
            _byName.TryAdd(name, Create(name));
        }
    }

    private Workspace Create(string name) => new(
        new SnapshotDirectory(Path.GetFullPath(_options.Snapshots), name), _options, _metrics, _warmUp, _logger, _time,
        _cluster);

    /// <summary>
    /// Deletes what killed programs left behind in the folders of all workspaces; those of tasks belong to who runs
    /// them.
    /// </summary>
    public void Sweep()
    {
        foreach (var workspace in All)
        {
            foreach (var (path, bytes) in FoldersOf(workspace.Catalog.Folder).SelectMany(
                folder => Leftovers.Sweep(folder, _time.GetUtcNow())))
            {
                LogSwept(workspace.Name, path, bytes);
            }
        }
    }

    // Each store has a folder, and in it one for the earlier versions of each thing.
    private static IEnumerable<string> FoldersOf(string workspace) =>
        ((string[])["pools", "placements", "experiments"])
        .Select(name => Path.Combine(workspace, name))
        .SelectMany(store => FileStamp.Of(store) is { Kind: FileKind.Folder }
            ? Directory.GetDirectories(store, "*.versions").Append(store)
            : [])
        .Concat(((string[])["", "audiences", "events", "shown"]).Select(name => Path.Combine(workspace, name)));

    [LoggerMessage(
        LogLevel.Warning, "workspace {Workspace}: deleted {Path} ({Bytes} bytes), which a killed process left behind")]
    private partial void LogSwept(string workspace, string path, long bytes);
}
