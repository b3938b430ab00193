using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Server.Workspaces;
using Grpc.Core;
using Snapshot = Engine.Snapshots.Snapshot;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>What is published, what is served, and the exchange of one for the other.</summary>
internal sealed class SnapshotsService(WorkspaceRegistry workspaces, HealthBoard health) : Protos.V1.Snapshots.SnapshotsBase
{
    /// <inheritdoc/>
    public override Task<ListSnapshotsReply> List(ListSnapshotsRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        var reply = new ListSnapshotsReply();
        foreach (var id in workspace.Published)
        {
            reply.Snapshots.Add(InfoOf(workspace, id));
        }

        return Task.FromResult(reply);
    }

    /// <inheritdoc/>
    public override Task<DescribeSnapshotReply> Describe(DescribeSnapshotRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire(request.SnapshotId);
        var snapshot = lease.Model.Snapshot;
        return Task.FromResult(SnapshotDescription.Describe(snapshot, active: snapshot.Id == workspace.ActiveId));
    }

    /// <inheritdoc/>
    public override Task<ActivateSnapshotReply> Activate(ActivateSnapshotRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        var previous = workspace.Activate(request.SnapshotId, request.ValidateOnly);
        return Task.FromResult(Reply(workspace, previous));
    }

    /// <inheritdoc/>
    public override Task<ActivateSnapshotReply> Rollback(RollbackSnapshotRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        return Task.FromResult(Reply(workspace, workspace.Rollback()));
    }

    private ActivateSnapshotReply Reply(Workspace workspace, string? previous)
    {
        health.Publish();
        return new ActivateSnapshotReply { ActiveSnapshotId = workspace.ActiveId ?? "", PreviousSnapshotId = previous ?? "" };
    }

    // Opened, not verified: a list must stay cheap. What verification found in CURRENT is known and shown.
    private static SnapshotInfo InfoOf(Workspace workspace, string id)
    {
        try
        {
            using var snapshot = Snapshot.Open(workspace.FilePath(id));
            var info = SnapshotDescription.Info(snapshot, active: id == workspace.ActiveId);
            info.SnapshotId = id;
            info.Problem = workspace.RefusedId == id ? workspace.Problem : "";
            return info;
        }
        catch (InputException e)
        {
            return new SnapshotInfo { SnapshotId = id, Problem = e.Message };
        }
    }
}
