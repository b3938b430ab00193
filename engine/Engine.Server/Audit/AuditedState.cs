using Engine.Kernels;
using Engine.Protos.V1;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots;

namespace Engine.Server.Audit;

/// <summary>
/// What a changing call is about, and how that stands: versions, names and sizes, never the members of a list. The same
/// question is asked before and after.
/// </summary>
internal sealed class AuditedState(WorkspaceRegistry workspaces, TaskQueue tasks)
{
    private const string Absent = "absent";

    /// <summary>Whether a request only checks.</summary>
    public static bool IsDryRun(object request) => request switch
    {
        SaveAudienceRequest call => call.ValidateOnly,
        SavePlacementRequest call => call.ValidateOnly,
        SaveExperimentRequest call => call.ValidateOnly,
        CreateTaskRequest call => call.ValidateOnly,
        ActivateSnapshotRequest call => call.ValidateOnly,
        _ => false,
    };

    /// <summary>The workspace and the name of what is changed.</summary>
    public static (string Workspace, string Subject) Subject(object request)
    {
        var (workspace, subject) = request switch
        {
            SavePoolRequest call => (call.Workspace, $"pool {call.Name}"),
            DeletePoolRequest call => (call.Workspace, $"pool {call.Name}"),
            SavePlacementRequest call => (call.Workspace, $"placement {call.Placement?.Name}"),
            DeletePlacementRequest call => (call.Workspace, $"placement {call.Name}"),
            SaveExperimentRequest call => (call.Workspace, $"experiment {call.Experiment?.Name}"),
            DeleteExperimentRequest call => (call.Workspace, $"experiment {call.Name}"),
            SetBlockedRequest call => (call.Workspace, "blocked products"),
            SaveAudienceRequest call => (call.Workspace, $"audience {call.Name}"),
            DeleteAudienceRequest call => (call.Workspace, $"audience {call.Name}"),
            ActivateSnapshotRequest call => (call.Workspace, $"snapshot {call.SnapshotId}"),
            RollbackSnapshotRequest call => (call.Workspace, "snapshot"),
            CreateTaskRequest call => (call.Workspace, "task"),
            CancelTaskRequest call => (call.Workspace, $"task {call.TaskId}"),
            DeleteTaskRequest call => (call.Workspace, $"task {call.TaskId}"),
            ForgetUserRequest call => (call.Workspace, "a person"),
            _ => ("", request.GetType().Name),
        };
        return (workspace.Length == 0 ? SnapshotDirectory.DefaultWorkspace : workspace, subject);
    }

    /// <summary>How it stands now.</summary>
    /// <param name="request">The call.</param>
    /// <param name="reply">What it answered; null before, and when it failed.</param>
    public string Of(object request, object? reply)
    {
        try
        {
            return request switch
            {
                SavePoolRequest call => Pool(Catalog(call.Workspace), call.Name),
                DeletePoolRequest call => Pool(Catalog(call.Workspace), call.Name),
                SavePlacementRequest call => Placement(Catalog(call.Workspace), call.Placement?.Name ?? ""),
                DeletePlacementRequest call => Placement(Catalog(call.Workspace), call.Name),
                SaveExperimentRequest call => Experiment(Catalog(call.Workspace), call.Experiment?.Name ?? ""),
                DeleteExperimentRequest call => Experiment(Catalog(call.Workspace), call.Name),
                SetBlockedRequest call => Blocked(Catalog(call.Workspace)),
                SaveAudienceRequest call => Audience(Catalog(call.Workspace), call.Name),
                DeleteAudienceRequest call => Audience(Catalog(call.Workspace), call.Name),
                ActivateSnapshotRequest call => Active(call.Workspace),
                RollbackSnapshotRequest call => Active(call.Workspace),
                CreateTaskRequest => reply is Protos.V1.Task task ? $"task {task.TaskId}: {task.State}" : Absent,
                CancelTaskRequest call => Task(call.Workspace, call.TaskId),
                DeleteTaskRequest call => Task(call.Workspace, call.TaskId),
                ForgetUserRequest call =>
                    Text(
                        $"{ForgottenUsers.Read(Catalog(call.Workspace).Folder).Count} people "
                        + $"forgotten{(reply is ForgetUserReply done ? $"; this one is {done.UserHash}" : "")}"),
                _ => "",
            };
        }
        catch (NotFoundException)
        {
            return Absent;
        }
        catch (InputException e)
        {
            return $"unreadable: {e.Message}";
        }
    }

    /// <summary>A pool: its version and size.</summary>
    public static string Pool(WorkspaceCatalog catalog, string name)
    {
        var pool = catalog.Pools.Get(name);
        return Text(
            $"version {pool.Version}: {pool.ProductIds.Count} listed products, "
            + $"a rule of {pool.Rule.Length} characters");
    }

    /// <summary>A placement: its version and size.</summary>
    public static string Placement(WorkspaceCatalog catalog, string name)
    {
        var placement = catalog.Placements.Get(name);
        return Text($"version {placement.Version}: {placement.TopK} places, {placement.Rules.Count} rules");
    }

    /// <summary>An experiment: its version and arms.</summary>
    public static string Experiment(WorkspaceCatalog catalog, string name)
    {
        var experiment = catalog.Experiments.Get(name);
        var arms = experiment.Arms.Select(arm => FormattableString.Invariant($"{arm.Name} {arm.Share}"));
        return Text($"version {experiment.Version}: {string.Join(", ", arms)}");
    }

    /// <summary>An audience: its size.</summary>
    public static string Audience(WorkspaceCatalog catalog, string name) =>
        Text($"{catalog.Audiences.Get(name).UserCount} users");

    private static string Blocked(WorkspaceCatalog catalog)
    {
        var blocked = catalog.Blocked.Current;
        return Text($"version {blocked.Version}: {blocked.ProductIds.Count} products");
    }

    private static string Text(InvariantText text) => text.Take();

    private WorkspaceCatalog Catalog(string workspace) => workspaces.Get(workspace).Catalog;

    private string Active(string workspace) => workspaces.Get(workspace).ActiveId ?? "nothing";

    private string Task(string workspace, string id) =>
        tasks.Of(workspaces.Get(workspace)).Store.Get(id).Stage.ToString();
}
