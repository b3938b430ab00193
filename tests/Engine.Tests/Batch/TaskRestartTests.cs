using Engine.Protos.V1;
using Engine.Server.Configuration;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Engine.Server.Warming;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Batch;

/// <summary>Tasks over stops and restarts of the engine.</summary>
public sealed class TaskRestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerOptions _options;
    private readonly ServiceProvider _services =
        new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<ServerMetrics>()
            .BuildServiceProvider();
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
    public void An_engine_outside_the_cluster_leaves_its_tasks_alone()
    {
        using (var workspace = Open())
        using (var tasks = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add))
        {
            workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
            Create(workspace, tasks);
        }

        _queued.Clear();
        var folder = Path.Combine(_folder.Path, "default");
        File.WriteAllText(Path.Combine(folder, "tasks.at"), Path.Combine(folder, "tasks") + "\n");
        using var copied = Open();
        using var others = new WorkspaceTasks(copied, new CallLimits(), _queued.Add);
        Assert.False(others.IsRunner);
        Assert.Empty(_queued);
        Assert.Contains("runs without --cluster", Assert.Single(others.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_task_goes_on_after_a_restart_to_the_same_bytes()
    {
        using var workspace = Open();
        workspace.Catalog.Audiences.Save(
            "some", "member", "test", Enumerable.Range(0, 650).Select(user => $"user-{user:x}é"));
        string whole;
        using (var tasks = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add))
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
        using var again = new WorkspaceTasks(restarted, new CallLimits(), _queued.Add);
        var task = Assert.Single(_queued);
        Run(task, CancellationToken.None);
        Assert.Equal(TaskStage.Succeeded, task.Record.Stage);
        Assert.Equal(
            File.ReadAllBytes(new TaskStore(restarted.Catalog.Folder).ResultPath(whole)),
            File.ReadAllBytes(new TaskStore(restarted.Catalog.Folder).ResultPath(task.Record.Id)));
    }

    [Fact]
    public async System.Threading.Tasks.Task One_process_runs_the_tasks_and_the_other_creates_cancels_and_deletes_them()
    {
        using var workspace = Open();
        using var first = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add);
        using var second = new WorkspaceTasks(workspace, new CallLimits(), _ => Assert.Fail("it runs no tasks"));
        Assert.True(first.IsRunner && !second.IsRunner);
        workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
        var (own, others, canceled) = (Create(workspace, first), Create(workspace, second), Create(workspace, second));
        Look(first);
        Look(first);
        Assert.Equal(
            new[] { own, others, canceled }.Order(StringComparer.Ordinal),
            _queued.Select(task => task.Record.Id).Order(StringComparer.Ordinal));
        Assert.Equal(first.List().Select(task => task.Record.Id), second.List().Select(task => task.Record.Id));

        var cancel = second.Cancel(canceled, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        Look(first);
        Assert.Equal(TaskStage.Cancelled, (await cancel).Record.Stage);
        _queued.ForEach(task => Run(task, CancellationToken.None));
        Assert.Equal(TaskStage.Succeeded, second.Get(own).Record.Stage);
        Assert.Equal(TaskStage.Succeeded, second.Get(others).Record.Stage);
        Assert.Equal(TaskStage.Cancelled, second.Get(canceled).Record.Stage);

        second.Delete(others);
        Assert.Throws<NotFoundException>(() => first.Get(others));
        Look(first);
        Assert.Equal(2, first.List().Count());
    }

    [Fact]
    public void Another_process_takes_over_and_finishes_to_the_same_bytes()
    {
        using var workspace = Open();
        workspace.Catalog.Audiences.Save(
            "some", "member", "test", Enumerable.Range(0, 650).Select(user => $"user-{user:x}é"));
        var first = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add);
        var taken = new List<EngineTask>();
        using var second = new WorkspaceTasks(workspace, new CallLimits(), taken.Add);
        var whole = Create(workspace, first);
        Run(_queued[0], CancellationToken.None);
        Create(workspace, first);
        using (var stop = new CancellationTokenSource())
        {
            RunUntilFirstPart(_queued[1], stop);
        }

        Look(second);
        Assert.False(second.IsRunner);
        Assert.Empty(taken);
        first.Dispose();
        Look(second);
        Assert.True(second.IsRunner);
        var task = Assert.Single(taken);
        Assert.Equal(TaskStage.Running, task.Record.Stage);
        Run(task, CancellationToken.None);
        Assert.Equal(TaskStage.Succeeded, task.Record.Stage);
        Assert.Equal(
            File.ReadAllBytes(second.Store.ResultPath(whole)),
            File.ReadAllBytes(second.Store.ResultPath(task.Record.Id)));
    }

    [Fact]
    public void Leftovers_of_killed_processes_are_swept_and_damaged_tasks_are_reported()
    {
        using var workspace = Open();
        workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
        var folder = Path.Combine(workspace.Catalog.Folder, "tasks");
        string sound;
        using (var before = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add))
        {
            sound = Create(workspace, before);
        }

        Directory.CreateDirectory(Path.Combine(folder, ".20210101-000000000-abcd.new"));
        Directory.CreateDirectory(Path.Combine(folder, ".20210101-000000000-abcd.old", "deep"));
        Directory.CreateDirectory(Path.Combine(folder, "20210101-000000000-aaaa"));
        var said = new List<string>();
        using (WriterLock.Share(Path.Combine(folder, "change.lock")))
        using (new WorkspaceTasks(workspace, new CallLimits(), _queued.Add, TimeProvider.System.GetUtcNow(), said.Add))
        {
            // Somebody may be creating a task now.
            Assert.True(Directory.Exists(Path.Combine(folder, ".20210101-000000000-abcd.new")));
        }

        Assert.Contains("cannot read the task file", Assert.Single(said), StringComparison.Ordinal);
        said.Clear();
        using var tasks =
            new WorkspaceTasks(workspace, new CallLimits(), _queued.Add, TimeProvider.System.GetUtcNow(), said.Add);
        Assert.Equal(2, said.Count(sentence => sentence.StartsWith("deleted ", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetDirectories(folder, ".*"));
        Assert.Contains("20210101-000000000-aaaa", Assert.Single(tasks.Problems), StringComparison.Ordinal);
        Assert.Equal([sound], tasks.List().Select(task => task.Record.Id));
    }

    [Fact]
    public void A_task_whose_snapshot_is_gone_fails_and_says_so()
    {
        using (var workspace = Open())
        using (var tasks = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add))
        {
            workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
            Create(workspace, tasks);
            File.Delete(workspace.FilePath(workspace.ActiveId!));
        }

        _queued.Clear();
        using var restarted = Open();
        using var again = new WorkspaceTasks(restarted, new CallLimits(), _queued.Add);
        var task = Assert.Single(_queued);
        Run(task, CancellationToken.None);
        Assert.Equal(TaskStage.Failed, task.Record.Stage);
        Assert.Contains("is not published", task.Record.Error, StringComparison.Ordinal);
        Assert.Equal(TaskStage.Failed, new TaskStore(restarted.Catalog.Folder).Get(task.Record.Id).Stage);
    }

    [Fact]
    public void A_task_whose_failure_cannot_be_stored_ends_and_does_not_take_its_thread()
    {
        using var workspace = Open();
        workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
        using var tasks = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add);
        var id = Create(workspace, tasks);
        var folder = Path.Combine(workspace.Catalog.Folder, "tasks", id);
        Directory.Delete(folder, recursive: true);
        File.WriteAllText(folder, "in the way");
        Run(_queued[0], CancellationToken.None);
        Assert.Equal(TaskStage.Failed, _queued[0].Record.Stage);
        Assert.Contains(
            "could not be stored",
            Assert.Single(_queued[0].Record.Notes, note => note.Contains("restarts", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.True(_queued[0].Ended.IsCompleted);
    }

    [Fact]
    public void A_damaged_task_is_named_a_stray_folder_is_passed_over_and_the_others_go_on()
    {
        using (var workspace = Open())
        using (var tasks = new WorkspaceTasks(workspace, new CallLimits(), _queued.Add))
        {
            workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
            var (good, bad) = (Create(workspace, tasks), Create(workspace, tasks));
            var folder = Path.Combine(workspace.Catalog.Folder, "tasks");
            File.WriteAllText(Path.Combine(folder, bad, "task.json"), "{ \"id\": ");
            Directory.CreateDirectory(Path.Combine(folder, "lost+found"));
        }

        _queued.Clear();
        using var restarted = Open();
        using var again = new WorkspaceTasks(restarted, new CallLimits(), _queued.Add);
        var task = Assert.Single(_queued);
        Run(task, CancellationToken.None);
        Assert.Equal(TaskStage.Succeeded, task.Record.Stage);
        Assert.Contains("cannot read the task file", Assert.Single(again.Problems), StringComparison.Ordinal);
        Assert.Same(task, Assert.Single(again.List()));
    }

    [Fact]
    public void Tasks_that_wait_and_tasks_that_are_stored_are_bounded()
    {
        using var workspace = Open();
        workspace.Catalog.Audiences.Save("some", "member", "test", ["user-1é"]);
        using var tasks =
            new WorkspaceTasks(workspace, new CallLimits { QueuedTasks = 2, StoredTasks = 3 }, _queued.Add);
        Create(workspace, tasks);
        Create(workspace, tasks);
        Assert.Contains(
            "found 2 tasks of workspace 'default' that wait or run",
            Assert.Throws<ExhaustedException>(() => Create(workspace, tasks)).Message,
            StringComparison.Ordinal);
        Run(_queued[0], CancellationToken.None);
        Create(workspace, tasks);
        Run(_queued[1], CancellationToken.None);
        Assert.Null(Assert.Throws<ExhaustedException>(() => Create(workspace, tasks)).RetryAfter);
        tasks.Delete(_queued[0].Record.Id);
        Create(workspace, tasks);
    }

    private static void Look(WorkspaceTasks tasks) => tasks.Look(TimeProvider.System.GetUtcNow());

    private static string Create(Workspace workspace, WorkspaceTasks tasks)
    {
        var pin = workspace.Pin("");
        var request = new CreateTaskRequest { Audience = "some", TopK = 10_000 };
        var creation = TaskCreation.Of(pin.Model, workspace.Catalog, request, TimeProvider.System.GetUtcNow());
        return tasks.Create(
            creation.Record,
            creation.Question,
            path => workspace.Catalog.Audiences.CopyTo("some", path),
            pin).Record.Id;
    }

    private Workspace Open()
    {
        var workspace = new Workspace(
            new SnapshotDirectory(_folder.Path),
            _options,
            _metrics,
            (model, catalog, recent) => WarmUp.Run(model, catalog, recent, TimeProvider.System),
            NullLogger.Instance);
        workspace.Refresh();
        return workspace;
    }

    private void Run(EngineTask task, CancellationToken stopping) =>
        new TaskRunner(_options, new TaskTables(_options), TimeProvider.System, NullLogger<TaskRunner>.Instance).Run(
            task, stopping);

    private void RunUntilFirstPart(EngineTask task, CancellationTokenSource stop)
    {
        var runner = new TaskRunner(
            _options,
            new TaskTables(_options),
            new StoppingTime(() => task.Progress is not null, stop),
            NullLogger<TaskRunner>.Instance);
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
