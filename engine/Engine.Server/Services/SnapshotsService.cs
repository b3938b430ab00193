using Engine.Protos.V1;
using Engine.Scoring.Ids;
using Engine.Server.Admission;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Grpc.Core;
using Snapshot = Engine.Snapshots.Snapshot;

namespace Engine.Server.Services;

/// <summary>What is published, what is served, and the exchange of one for the other.</summary>
internal sealed class SnapshotsService(WorkspaceRegistry workspaces, HealthBoard health, HeavyWork heavy)
    : Protos.V1.Snapshots.SnapshotsBase
{
    /// <inheritdoc/>
    public override Task<ListSnapshotsReply> List(ListSnapshotsRequest request, ServerCallContext context)
    {
        var (workspace, cancellation) = (workspaces.Get(request.Workspace), context.CancellationToken);
        return heavy.Run(
            () =>
            {
                var reply = new ListSnapshotsReply();
                foreach (var id in workspace.Published)
                {
                    cancellation.ThrowIfCancellationRequested();
                    reply.Snapshots.Add(InfoOf(workspace, id));
                }

                return reply;
            },
            cancellation);
    }

    /// <inheritdoc/>
    public override Task<DescribeSnapshotReply> Describe(DescribeSnapshotRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        return heavy.Run(
            () =>
            {
                using var lease = workspace.Acquire(request.SnapshotId);
                var snapshot = lease.Model.Snapshot;
                var reply = SnapshotDescription.Describe(snapshot, active: snapshot.Id == workspace.ActiveId);
                reply.Info.Problem = reply.Info.Active ? workspace.Problem ?? "" : "";
                return reply;
            },
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<ActivateSnapshotReply> Activate(
        ActivateSnapshotRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        var cancellation = context.CancellationToken;
        return await Reply(
            workspace,
            await heavy.Run(
                () => workspace.Activator.Activate(
                    request.SnapshotId, request.ValidateOnly, request.Force, cancellation),
                cancellation));
    }

    /// <inheritdoc/>
    public override async Task<ActivateSnapshotReply> Rollback(
        RollbackSnapshotRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        return await Reply(
            workspace,
            await heavy.Run(
                () => workspace.Activator.Rollback(context.CancellationToken), context.CancellationToken));
    }

    /// <inheritdoc/>
    public override Task<DiffSnapshotsReply> Diff(DiffSnapshotsRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        if (request.After.Length == 0)
        {
            throw new FieldException(
                "after", "after is missing. Give the id of a published snapshot; list them with GET /v1/snapshots");
        }

        Require.Between("users", request.Users, 0, int.MaxValue);
        return heavy.Run(
            () =>
            {
                using var before = workspace.Pin(request.Before);
                using var after = workspace.Pin(request.After);
                var users = request.Users == 0 ? DiffAnswers.DefaultUsers : request.Users;
                var category = request.Category.Length == 0 ? null : request.Category;
                var (diff, breaches) =
                    workspace.Compare(before.Model, after.Model, users, category, context.CancellationToken);
                return DiffAnswers.Of(diff, breaches);
            },
            context.CancellationToken);
    }

    // The other nodes of a cluster are waited for outside the queue of heavy calls.
    private async Task<ActivateSnapshotReply> Reply(Workspace workspace, Activation activation)
    {
        await activation.Served;
        health.Publish();
        return new ActivateSnapshotReply
        {
            ActiveSnapshotId = workspace.ActiveId ?? "",
            PreviousSnapshotId = activation.Previous ?? "",
        };
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
