using System.Runtime.CompilerServices;
using Engine.Cluster;
using Engine.Cluster.Configuration;
using Engine.Protos.V1;
using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Contract;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>What is over is not kept in memory: counted by weak references, not measured.</summary>
public sealed class KeptObjectsTests : IDisposable
{
    private const int Some = 20;

    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotDirectory _directory;
    private readonly ServerOptions _options;
    private readonly ServiceProvider _services =
        new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<ServerMetrics>()
            .BuildServiceProvider();

    public KeptObjectsTests()
    {
        _directory = new SnapshotDirectory(_folder.Path);
        _options = new ServerOptions { Snapshots = _folder.Path, TaskThreads = 1 };
    }

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_served_snapshot_keeps_no_task_that_has_ended(bool isRun)
    {
        _directory.Publish(RandomSnapshot.Content(seed: 1));
        using var workspace = Open();
        workspace.Refresh();
        var queued = new Queue<EngineTask>();
        using var tasks = new WorkspaceTasks(workspace, new CallLimits(), queued.Enqueue);
        var ended = Enumerable.Range(0, Some).Select(_ => End(workspace, tasks, queued, isRun)).ToArray();
        Assert.Equal(0, Kept(ended));
    }

    [Fact]
    public void Pools_that_another_process_deleted_are_not_kept()
    {
        var (store, other) = (new PoolStore(_folder.Path, new()), new PoolStore(_folder.Path, new()));
        var names = Enumerable.Range(0, Some).Select(i => $"pool {i}").ToArray();
        Array.ForEach(names, name => other.Save(new PoolDefinition(name, "price < 3", [])));
        var known = Known(store);
        Assert.Equal(Some, known.Length);
        Array.ForEach(names, other.Delete);
        Assert.Empty(store.List());
        Assert.Equal(0, Kept(known));
    }

    [Fact]
    public void A_node_keeps_nothing_of_a_task_that_another_node_deleted()
    {
        // The database is asked for nothing here.
        _folder.Write("password", "none");
        var settings = new ClusterSettings
        {
            Cluster = "shop",
            Node = "node1",
            Address = "127.0.0.1",
            Shared = _folder.File("shared"),
            Database = _folder.Write(
                "source.json",
                """
                { "kind": "mysql", "host": "127.0.0.1", "port": 1, "database": "none", "user": "nobody",
                  "password_file": "password", "tls": { "mode": "off" } }
                """),
        };
        Directory.CreateDirectory(_directory.Path);
        using var node = new ClusterNode(settings, _folder.Path, TimeProvider.System, NullLoggerFactory.Instance);
        using var workspace = Open(node);
        using var tasks = new WorkspaceTasks(workspace, new CallLimits(), _ => { });
        StoredTasks.Add(_directory, "20210101-000000000-abcd", "none", ended: 1);
        StoredTasks.Add(_directory, "20210101-000000000-abce", "none", ended: null);
        tasks.Look(default);
        string[] ids = ["20210101-000000000-abcd", "20210101-000000000-abce"];
        var before = Array.ConvertAll(ids, id => workspace.SharedTasks!.Of(id));
        Assert.Same(before[0], workspace.SharedTasks!.Of(ids[0]));
        Assert.All(ids, new TaskStore(_directory.Path).Delete);
        tasks.Look(default);
        Assert.All(ids.Zip(before), task => Assert.NotSame(task.Second, workspace.SharedTasks!.Of(task.First)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference End(Workspace workspace, WorkspaceTasks tasks, Queue<EngineTask> queued, bool isRun)
    {
        var pin = workspace.Pin("");
        var now = TimeProvider.System.GetUtcNow();
        var creation = TaskCreation.Of(pin.Model, workspace.Catalog, new CreateTaskRequest { TopK = 3 }, now);
        tasks.Create(creation.Record, creation.Question, copyUsers: null, pin);
        var task = queued.Dequeue();
        if (isRun)
        {
            new TaskRunner(_options, new TaskTables(_options), TimeProvider.System, NullLogger<TaskRunner>.Instance)
                .Run(task, CancellationToken.None);
        }
        else
        {
            Assert.True(task.TryCancelWaiting(now));
        }

        Assert.True(task.Record.HasEnded);
        tasks.Delete(task.Record.Id);
        return new WeakReference(task);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Known(PoolStore store) =>
        [.. store.List().Select(pool => new WeakReference(store.Get(pool.Name)))];

    private static int Kept(WeakReference[] some)
    {
        // Continuations that are on their way to another thread end soon, or late on a busy machine.
        SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(20);
                GC.Collect();
                return Array.TrueForAll(some, one => !one.IsAlive);
            },
            TimeSpan.FromMinutes(1));
        return some.Count(one => one.IsAlive);
    }

    private Workspace Open(ClusterNode? cluster = null) => new(
        _directory,
        _options,
        _services.GetRequiredService<ServerMetrics>(),
        (_, _, _) => { },
        NullLogger.Instance,
        cluster: cluster);
}
