using Grpc.Health.V1;
using Grpc.HealthCheck;

namespace Engine.Server.Workspaces;

/// <summary>
/// The health that grpc.health.v1 and GET /health report. Service "" and the services of the contract serve as soon as
/// one workspace does; "workspace/NAME" serves when that one does; "current/NAME" serves when what is served is what
/// CURRENT names.
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
    ];

    /// <summary>Updates grpc.health.v1.</summary>
    public void Publish()
    {
        foreach (var name in Services)
        {
            service.SetStatus(name, StatusOf(workspaces.All.Any(workspace => workspace.ActiveId is not null)));
        }

        foreach (var workspace in workspaces.All)
        {
            service.SetStatus($"workspace/{workspace.Name}", StatusOf(workspace.ActiveId is not null));
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
        var serving = Array.Exists(all, workspace => workspace.SnapshotId is not null);
        var sound = Array.TrueForAll(all, workspace => workspace.Problem is null);
        var problems = notes.Problems;
        return new HealthReport(
            serving ? sound && problems.Count == 0 ? "SERVING" : "DEGRADED" : "NOT_SERVING", all, problems);
    }

    private static HealthCheckResponse.Types.ServingStatus StatusOf(bool serving) => serving
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
