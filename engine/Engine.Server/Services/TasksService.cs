using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>Audience x pool tasks, kept on the disk and run beside the online requests.</summary>
internal sealed class TasksService(
    WorkspaceRegistry workspaces,
    TaskQueue queue,
    TaskTables tables,
    TaskDatasets datasets,
    TimeProvider time,
    HeavyWork heavy,
    OpenStreams streams)
    : Protos.V1.Tasks.TasksBase
{
    /// <inheritdoc/>
    public override Task<Protos.V1.Task> Create(CreateTaskRequest request, ServerCallContext context) =>
        heavy.Run(() => Create(request, context.CancellationToken), context.CancellationToken);

    /// <inheritdoc/>
    public override Task<Protos.V1.Task> Get(GetTaskRequest request, ServerCallContext context) =>
        Task.FromResult(TaskAnswers.Describe(Tasks(request.Workspace).Get(request.TaskId)));

    /// <inheritdoc/>
    public override Task<ListTasksReply> List(ListTasksRequest request, ServerCallContext context)
    {
        if (!Enum.IsDefined(request.State))
        {
            throw new FieldException(
                "state",
                $"found state = {(int)request.State}, expected 0..5 "
                + "(unspecified, queued, running, succeeded, failed, canceled)");
        }

        var tasks = Tasks(request.Workspace);
        var (page, next) = Pages.Of(
            tasks.List().Where(
                task => request.State == TaskState.Unspecified || (int)task.Record.Stage == (int)request.State),
            task => task.Record.Id,
            descending: true,
            request.PageSize,
            request.PageToken);
        return Task.FromResult(
            new ListTasksReply
            {
                Tasks = { page.Select(TaskAnswers.Describe) },
                NextPageToken = next,
                Problems = { tasks.Problems },
            });
    }

    /// <inheritdoc/>
    public override async Task<Protos.V1.Task> Cancel(CancelTaskRequest request, ServerCallContext context) =>
        TaskAnswers.Describe(
            await Tasks(request.Workspace).Cancel(request.TaskId, time.GetUtcNow(), context.CancellationToken));

    /// <inheritdoc/>
    public override Task<DeleteTaskReply> Delete(DeleteTaskRequest request, ServerCallContext context)
    {
        var tasks = Tasks(request.Workspace);
        return heavy.Run(
            () =>
            {
                tasks.Delete(request.TaskId);
                return new DeleteTaskReply();
            },
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override Task<TaskResultsReply> Results(TaskResultsRequest request, ServerCallContext context) =>
        Task.FromResult(TaskResults.Page(Store(request.Workspace), request));

    /// <inheritdoc/>
    public override Task<TaskSummaryReply> Summary(TaskSummaryRequest request, ServerCallContext context) =>
        heavy.Run(
            () => TaskResults.Summary(Store(request.Workspace), request, context.CancellationToken),
            context.CancellationToken);

    /// <inheritdoc/>
    public override async Task Download(
        DownloadTaskRequest request, IServerStreamWriter<FileChunk> responseStream, ServerCallContext context)
    {
        using var stream = streams.Open(WorkspaceGuard.KeyCheck(context.GetHttpContext()));
        foreach (var chunk in TaskResults.Download(
            Store(request.Workspace), request.TaskId, request.Format, request.HeldOut))
        {
            await stream.Write(
                responseStream, new FileChunk { Data = ByteString.CopyFrom(chunk.Span) }, context.CancellationToken);
        }
    }

    private Protos.V1.Task Create(CreateTaskRequest request, CancellationToken cancellation)
    {
        var workspace = workspaces.Get(request.Workspace);
        if (!request.ValidateOnly)
        {
            queue.Of(workspace).CheckRoom();
        }

        var pin = workspace.Pin(request.SnapshotId);
        try
        {
            var creation = TaskCreation.Of(pin.Model, workspace.Catalog, request, time.GetUtcNow(), cancellation);
            if (creation.Record.Table is { } table)
            {
                tables.Check(table, creation.Record.Id, ranked: !creation.Record.IsSingleProduct);
            }

            if (request.ValidateOnly)
            {
                var reply = TaskAnswers.Describe(creation.Record with { Id = "" });
                pin.Dispose();
                return reply;
            }

            Action<string>? copyUsers = request.Audience.Length == 0
                ? null
                : path => workspace.Catalog.Audiences.CopyTo(request.Audience, path);
            return TaskAnswers.Describe(queue.Of(workspace).Create(creation.Record, creation.Question, copyUsers, pin));
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Task<TaskLiftReply> Lift(TaskLiftRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        var campaign = LiftAnswers.Sent(queue.Of(workspace).Store, request.TaskId, workspace.FilePath);
        return Task.FromResult(
            LiftAnswers.Answer(
                campaign, datasets.PathOf(request.Dataset), request.Sent, request.Days, context.CancellationToken));
    }

    /// <inheritdoc/>
    public override Task<PlanHoldoutReply> PlanHoldout(PlanHoldoutRequest request, ServerCallContext context) =>
        Task.FromResult(LiftAnswers.Plan(request));

    private WorkspaceTasks Tasks(string workspace) => queue.Of(workspaces.Get(workspace));

    private TaskStore Store(string workspace) => Tasks(workspace).Store;
}
