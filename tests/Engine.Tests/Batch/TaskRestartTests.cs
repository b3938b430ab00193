using Engine.Protos.V1;
using Engine.Server.Configuration;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Batch;

/// <summary>Tasks over stops and restarts of the engine.</summary>
public sealed class TaskRestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerOptions _options;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<ServerMetrics>().BuildServiceProvider();
    private readonly ServerMetrics _metrics;
    private readonly List<EngineTask> _queued = [];

    public TaskRestartTests()
    {
        _metrics = _services.GetRequiredService<ServerMetrics>();
        _options = new ServerOptions { Snapshots = _folder.Path, TaskThreads = 2 };
        new SnapshotDirectory(_folder.Path).Publish(RandomSnapshot.Content(seed: 6, users: 700, products: 150));
    }

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_stopped_task_goes_on_after_a_restart_to_the_same_bytes()
    {
        using var workspace = Open();
        workspace.Catalog.Audiences.Save("some", "member", "test", Enumerable.Range(0, 650).Select(user => $"user-{user:x}é"));
        string whole;
        using (var tasks = new WorkspaceTasks(workspace, _queued.Add))
        {
            whole = Create(workspace, tasks);
            Run(_queued[0], CancellationToken.None);
            Assert.Equal(TaskStage.Succeeded, _queued[0].Record.Stage);

            Create(workspace, tasks);
            using var stop = new CancellationTokenSource();
            RunUntilFirstPart(_queued[1], stop);
            Assert.Equal(TaskStage.Running, _queued[1].Record.Stage);
            Assert.False(File.Exists(new TaskStore(workspace.Catalog.Folder).ResultPath(_queued[1].Record.Id)));
        }

        // What was saved meanwhile does not change a task that was created before.
        workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
        workspace.Catalog.Blocked.Change(false, [], ["P1", "P2", "P3"]);
        using var restarted = Open();
        _queued.Clear();
        using var again = new WorkspaceTasks(restarted, _queued.Add);
        var task = Assert.Single(_queued);
        Run(task, CancellationToken.None);
        Assert.Equal(TaskStage.Succeeded, task.Record.Stage);
        Assert.Equal(File.ReadAllBytes(new TaskStore(restarted.Catalog.Folder).ResultPath(whole)), File.ReadAllBytes(new TaskStore(restarted.Catalog.Folder).ResultPath(task.Record.Id)));
    }

    [Fact]
    public void One_process_runs_the_tasks_and_another_one_takes_none()
    {
        using var workspace = Open();
        using var first = new WorkspaceTasks(workspace, _queued.Add);
        using var second = new WorkspaceTasks(workspace, _queued.Add);
        workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
        var id = Create(workspace, first);
        Assert.Equal(id, second.Get(id).Record.Id);
        Assert.Throws<StateException>(() => Create(workspace, second));
    }

    [Fact]
    public void A_task_whose_snapshot_is_gone_fails_and_says_so()
    {
        using (var workspace = Open())
        using (var tasks = new WorkspaceTasks(workspace, _queued.Add))
        {
            workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
            Create(workspace, tasks);
            File.Delete(workspace.FilePath(workspace.ActiveId!));
        }

        _queued.Clear();
        using var restarted = Open();
        using var again = new WorkspaceTasks(restarted, _queued.Add);
        var task = Assert.Single(_queued);
        Run(task, CancellationToken.None);
        Assert.Equal(TaskStage.Failed, task.Record.Stage);
        Assert.Contains("is not in", task.Record.Error, StringComparison.Ordinal);
        Assert.Equal(TaskStage.Failed, new TaskStore(restarted.Catalog.Folder).Get(task.Record.Id).Stage);
    }

    private static string Create(Workspace workspace, WorkspaceTasks tasks)
    {
        var pin = workspace.Pin("");
        var request = new CreateTaskRequest { Audience = "some", TopK = 10_000 };
        var creation = TaskCreation.Of(pin.Model, workspace.Catalog, request, TimeProvider.System.GetUtcNow());
        return tasks.Create(creation.Record, creation.Question, path => workspace.Catalog.Audiences.CopyTo("some", path), pin).Record.Id;
    }

    private Workspace Open()
    {
        var workspace = new Workspace(new SnapshotDirectory(_folder.Path), _options, _metrics, (model, catalog) => WarmUp.Run(model, catalog, TimeProvider.System), NullLogger.Instance);
        workspace.Refresh();
        return workspace;
    }

    private void Run(EngineTask task, CancellationToken stopping) => new TaskRunner(_options, new TaskTables(_options), TimeProvider.System, NullLogger<TaskRunner>.Instance).Run(task, stopping);

    private void RunUntilFirstPart(EngineTask task, CancellationTokenSource stop)
    {
        var runner = new TaskRunner(_options, new TaskTables(_options), new StoppingTime(() => task.Progress is not null, stop), NullLogger<TaskRunner>.Instance);
        runner.Run(task, stop.Token);
    }

    /// <summary>Stops when it is asked for the time and a condition holds: a run asks after each part.</summary>
    private sealed class StoppingTime(Func<bool> isTime, CancellationTokenSource stop) : TimeProvider
    {
        public override long GetTimestamp()
        {
            if (isTime())
            {
                stop.Cancel();
            }

            return System.GetTimestamp();
        }
    }
}
