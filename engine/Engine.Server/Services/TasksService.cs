using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>Audience x pool tasks, kept on the disk and run beside the online requests.</summary>
internal sealed class TasksService(WorkspaceRegistry workspaces, TaskQueue queue, TaskTables tables, TaskDatasets datasets, TimeProvider time) : Protos.V1.Tasks.TasksBase
{
    /// <inheritdoc/>
    public override Task<Protos.V1.Task> Create(CreateTaskRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        var pin = workspace.Pin(request.SnapshotId);
        try
        {
            var creation = TaskCreation.Of(pin.Model, workspace.Catalog, request, time.GetUtcNow());
            if (creation.Record.Table is { } table)
            {
                tables.Check(table, creation.Record.Id, ranked: !creation.Record.IsSingleProduct);
            }

            if (request.ValidateOnly)
            {
                var reply = TaskAnswers.Describe(creation.Record with { Id = "" });
                pin.Dispose();
                return Task.FromResult(reply);
            }

            Action<string>? copyUsers = request.Audience.Length == 0 ? null : path => workspace.Catalog.Audiences.CopyTo(request.Audience, path);
            return Task.FromResult(TaskAnswers.Describe(queue.Of(workspace).Create(creation.Record, creation.Question, copyUsers, pin)));
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Task<Protos.V1.Task> Get(GetTaskRequest request, ServerCallContext context) =>
        Task.FromResult(TaskAnswers.Describe(Tasks(request.Workspace).Get(request.TaskId)));

    /// <inheritdoc/>
    public override Task<ListTasksReply> List(ListTasksRequest request, ServerCallContext context) => Task.FromResult(new ListTasksReply
    {
        Tasks = { Tasks(request.Workspace).List().Select(TaskAnswers.Describe).Where(task => request.State == TaskState.Unspecified || task.State == request.State) },
    });

    /// <inheritdoc/>
    public override async Task<Protos.V1.Task> Cancel(CancelTaskRequest request, ServerCallContext context) =>
        TaskAnswers.Describe(await Tasks(request.Workspace).Cancel(request.TaskId, time.GetUtcNow(), context.CancellationToken));

    /// <inheritdoc/>
    public override Task<DeleteTaskReply> Delete(DeleteTaskRequest request, ServerCallContext context)
    {
        Tasks(request.Workspace).Delete(request.TaskId);
        return Task.FromResult(new DeleteTaskReply());
    }

    /// <inheritdoc/>
    public override Task<TaskResultsReply> Results(TaskResultsRequest request, ServerCallContext context) =>
        Task.FromResult(TaskResults.Page(Store(request.Workspace), request));

    /// <inheritdoc/>
    public override Task<TaskSummaryReply> Summary(TaskSummaryRequest request, ServerCallContext context) =>
        Task.FromResult(TaskResults.Summary(Store(request.Workspace), request, context.CancellationToken));

    /// <inheritdoc/>
    public override async Task Download(DownloadTaskRequest request, IServerStreamWriter<FileChunk> responseStream, ServerCallContext context)
    {
        foreach (var chunk in TaskResults.Download(Store(request.Workspace), request.TaskId, request.Format, request.HeldOut))
        {
            await responseStream.WriteAsync(new FileChunk { Data = ByteString.CopyFrom(chunk.Span) }, context.CancellationToken);
        }
    }

    /// <inheritdoc/>
    public override Task<TaskLiftReply> Lift(TaskLiftRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        var campaign = LiftAnswers.Sent(queue.Of(workspace).Store, request.TaskId, workspace.FilePath);
        return Task.FromResult(LiftAnswers.Answer(campaign, datasets.PathOf(request.Dataset), request.Sent, request.Days, context.CancellationToken));
    }

    /// <inheritdoc/>
    public override Task<PlanHoldoutReply> PlanHoldout(PlanHoldoutRequest request, ServerCallContext context) => Task.FromResult(LiftAnswers.Plan(request));

    private WorkspaceTasks Tasks(string workspace) => queue.Of(workspaces.Get(workspace));

    private TaskStore Store(string workspace) => Tasks(workspace).Store;
}
