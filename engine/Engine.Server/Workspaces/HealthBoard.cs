using Grpc.Health.V1;
using Grpc.HealthCheck;

namespace Engine.Server.Workspaces;

/// <summary>
/// The health that grpc.health.v1, GET /health and the probes report. Service "" and the services of the contract serve
/// as soon as one workspace does, a service with workers of its own only while they work; "workspace/NAME" serves when
/// that one does; "current/NAME" serves when what is served is what CURRENT names. Nothing serves once the server
/// stops.
/// </summary>
internal sealed class HealthBoard(WorkspaceRegistry workspaces, HealthServiceImpl service, HealthNotes notes)
{
    private static readonly string[] Services =
    [
        "",
        Protos.V1.Recommender.Descriptor.FullName,
        Protos.V1.Snapshots.Descriptor.FullName,
        Protos.V1.Catalog.Descriptor.FullName,
        Protos.V1.Tasks.Descriptor.FullName,
        Protos.V1.Admin.Descriptor.FullName,
        Protos.V1.Events.Descriptor.FullName,
    ];

    private readonly Dictionary<string, Func<bool>> _workers = [];
    private volatile bool _isStopping;
    private volatile bool _isHeldBack;

    /// <summary>Why no new calls should come, or null when they may.</summary>
    public string? NotReady =>
        _isStopping ? "the server is stopping"
        : NotStarted is { } reason ? reason
        : Serving is { Length: > 0 } serving ? LagOf(serving)
        : LagOf(workspaces.All) ?? "no workspace has an active snapshot";

    /// <summary>
    /// What a start still waits for: every workspace reads its CURRENT once and loads or rejects its snapshot, then the
    /// server calls itself. Null afterwards.
    /// </summary>
    public string? NotStarted =>
        !workspaces.FirstRead.IsCompleted ? "CURRENT has not been read yet"
        : _isHeldBack ? "the first calls are not warm yet"
        : null;

    /// <summary>Nothing serves until <see cref="Release"/>. Only while the server is put together.</summary>
    public void HoldBack() => _isHeldBack = true;

    /// <summary>The server is warm.</summary>
    public void Release()
    {
        _isHeldBack = false;
        Publish();
    }

    /// <summary>Makes the health of a service depend on its workers. Only while the server is put together.</summary>
    public void Require(string service, Func<bool> isWorking) => _workers.Add(service, isWorking);

    /// <summary>From now on nothing serves: load balancers and clients go elsewhere.</summary>
    public void Stop()
    {
        _isStopping = true;
        Publish();
    }

    /// <summary>Updates grpc.health.v1.</summary>
    public void Publish()
    {
        foreach (var name in Services)
        {
            service.SetStatus(
                name, StatusOf(NotReady is null && (!_workers.TryGetValue(name, out var isWorking) || isWorking())));
        }

        foreach (var workspace in workspaces.All)
        {
            service.SetStatus($"workspace/{workspace.Name}", StatusOf(workspace is { ActiveId: not null, Lag: null }));
            service.SetStatus(
                $"current/{workspace.Name}", StatusOf(workspace.ActiveId is not null && workspace.Problem is null));
        }
    }

    /// <summary>The same with reasons, for GET /health.</summary>
    public HealthReport Report()
    {
        var all = workspaces.All
            .Select(workspace => new WorkspaceHealth(workspace.Name, workspace.ActiveId, workspace.Problem))
            .ToArray();
        var serving = !_isStopping && Array.Exists(all, workspace => workspace.SnapshotId is not null);
        var sound = workspaces.FirstRead.IsCompleted && !workspaces.All.Any(workspace => workspace.IsFaulty);
        var problems = notes.Problems;
        return new HealthReport(
            serving ? sound && problems.Count == 0 ? "SERVING" : "DEGRADED" : "NOT_SERVING", all, problems);
    }

    // One that has nothing to serve turns no other one away.
    private Workspace[] Serving => [.. workspaces.All.Where(workspace => workspace.ActiveId is not null)];

    private static string? LagOf(IEnumerable<Workspace> some) =>
        some.Select(workspace => workspace.Lag).FirstOrDefault(lag => lag is not null);

    private HealthCheckResponse.Types.ServingStatus StatusOf(bool serving) => serving && !_isStopping
        ? HealthCheckResponse.Types.ServingStatus.Serving
        : HealthCheckResponse.Types.ServingStatus.NotServing;
}

/// <summary>The body of GET /health.</summary>
/// <param name="Status">SERVING; DEGRADED: serving, but something is wrong: see the problems; NOT_SERVING.</param>
/// <param name="Workspaces">One by one.</param>
/// <param name="Problems">Workers that have ended, and pools, audiences and tasks that cannot be read.</param>
internal sealed record HealthReport(
    string Status, IReadOnlyList<WorkspaceHealth> Workspaces, IReadOnlyList<string> Problems);

/// <summary>One workspace.</summary>
/// <param name="Workspace">Its name.</param>
/// <param name="SnapshotId">The active snapshot, or null.</param>
/// <param name="Problem">
/// Why it does not serve the snapshot that CURRENT names, what has become of a file, or null.
/// </param>
internal sealed record WorkspaceHealth(string Workspace, string? SnapshotId, string? Problem);
