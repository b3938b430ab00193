using Engine.Protos.V1;
using Engine.Server.Answers;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>Audience x pool tasks: in the contract, not yet run by this engine. Each call says what to do instead.</summary>
internal sealed class TasksService : Tasks.TasksBase
{
    /// <inheritdoc/>
    public override Task<Protos.V1.Task> Create(CreateTaskRequest request, ServerCallContext context) => throw NoTasks();

    /// <inheritdoc/>
    public override Task<Protos.V1.Task> Get(GetTaskRequest request, ServerCallContext context) => throw NoTasks();

    /// <inheritdoc/>
    public override Task<ListTasksReply> List(ListTasksRequest request, ServerCallContext context) => throw NoTasks();

    /// <inheritdoc/>
    public override Task<Protos.V1.Task> Cancel(CancelTaskRequest request, ServerCallContext context) => throw NoTasks();

    /// <inheritdoc/>
    public override Task<TaskResultsReply> Results(TaskResultsRequest request, ServerCallContext context) => throw NoTasks();

    private static NotAnsweredException NoTasks() =>
        new("this engine runs no stored tasks yet: use its batch verb, ask Recommend for each user, or RankUsers for a product");
}
