using EndToEnd.Tests.Adb;
using Engine.Protos.V1;
using Engine.Snapshots;
using Grpc.Core;
using Grpc.Net.Client;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clusters;

/// <summary>Tasks of a cluster that some of its nodes cannot run, or may not accept.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class RefusedTaskTests(MariaDbServer server)
{
    private const int Users = 40_000;
    private const int Top = 1_000;

    [MariaDbFact]
    public async Task A_node_with_a_damaged_copy_leaves_the_task_to_the_others()
    {
        using var cluster = await TestCluster.Create(server);
        var (old, next) = Publish(cluster);
        using var first = await cluster.StartProcess("node1", old);
        using var second = await cluster.StartProcess("node2", old);
        using var http = new HttpClient { BaseAddress = second.Http };
        Point(cluster, next);
        await TestCluster.UntilServed(http, next);
        Damage(second.Root, old);

        using var channel = GrpcChannel.ForAddress(first.Grpc);
        var tasks = new Tasks.TasksClient(channel);
        var task = await tasks.CreateAsync(new() { SnapshotId = old, TopK = Top });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var told = "";
        while (!told.Contains($"tasks of snapshot {old} run without this node until", StringComparison.Ordinal))
        {
            told = await TestCluster.HealthOf(http, limit.Token);
        }

        Assert.Contains("DEGRADED", told, StringComparison.Ordinal);
        Assert.Contains($"{old}.snapshot is refused", told, StringComparison.Ordinal);
        await TestCluster.Until(() => tasks.Get(new() { TaskId = task.TaskId }) is { State: not TaskState.Running });
        var done = tasks.Get(new() { TaskId = task.TaskId });
        Assert.Equal((TaskState.Succeeded, "", (long)Users * Top), (done.State, done.Error, done.RowCount));
        Assert.Empty(await cluster.Rows("SELECT node FROM engine_task_refusal"));
        while (told.Contains("run without this node", StringComparison.Ordinal))
        {
            told = await TestCluster.HealthOf(http, limit.Token);
        }
    }

    [MariaDbFact]
    public async Task A_task_that_no_living_node_can_run_fails_after_five_tries_with_the_reason()
    {
        using var cluster = await TestCluster.Create(server);
        var (old, next) = Publish(cluster);
        var time = new ShiftedTime();
        await using var node = await cluster.Follow("node1", old, time, options => options.NamedMebibytes = 1);
        string task;
        using (var lost = await cluster.StartProcess("node2", old))
        {
            Point(cluster, next);
            await TestCluster.UntilServed(node.Http, next);
            using var channel = GrpcChannel.ForAddress(lost.Grpc);
            task = (await new Tasks.TasksClient(channel).CreateAsync(new() { SnapshotId = old, TopK = Top })).TaskId;
            await lost.Kill();
        }

        await Until(cluster, "SELECT Status FROM OrleansMembershipTable WHERE SiloName = 'node2'", "6");
        for (var tries = 1; tries < 5; tries++)
        {
            await Until(cluster, "SELECT CONCAT(node, ' ', tries) FROM engine_task_refusal", $"node1 {tries}");
            Assert.Equal(TaskState.Running, node.Tasks.Get(new() { TaskId = task }).State);
            time.By += TimeSpan.FromSeconds(61);
        }

        await TestCluster.Until(() => node.Tasks.Get(new() { TaskId = task }).State is TaskState.Failed);
        var error = node.Tasks.Get(new() { TaskId = task }).Error;
        Assert.StartsWith("no node can work on it. node1: ", error, StringComparison.Ordinal);
        Assert.Contains("expected at most 1 MiB", error, StringComparison.Ordinal);
        Assert.Empty(await cluster.Rows("SELECT node FROM engine_task_refusal"));
    }

    [MariaDbFact]
    public async Task Tasks_that_another_node_alone_may_run_count_among_those_that_wait()
    {
        using var cluster = await TestCluster.Create(server);
        var (old, _) = Publish(cluster);
        await using var node = await cluster.Follow("node1", old, configure: options => options.Limits.QueuedTasks = 1);
        string task;
        using (var lost = await cluster.StartProcess("node2", old))
        {
            using var channel = GrpcChannel.ForAddress(lost.Grpc);
            await new Engine.Protos.V1.Events.EventsClient(channel).PutAsync(new()
            {
                Events =
                {
                    new Event
                    {
                        UserId = "user-1é",
                        ProductId = "P5",
                        Type = EventType.Purchase,
                        Time = "2021-08-02T09:00:00",
                    },
                },
            });
            task = (await new Tasks.TasksClient(channel).CreateAsync(new() { TopK = Top })).TaskId;
            await lost.Kill();
        }

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await node.Tasks.CreateAsync(new() { TopK = 1 }));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains(
            "found 1 tasks of workspace 'default' that wait or run", refused.Status.Detail, StringComparison.Ordinal);
        await node.Tasks.CancelAsync(new() { TaskId = task });
        Assert.NotEmpty((await node.Tasks.CreateAsync(new() { TopK = 1 })).TaskId);
    }

    // Two snapshots in the shared folder, of which the first is served.
    private static (string Old, string Next) Publish(TestCluster cluster)
    {
        cluster.Shared = cluster.Path("shared");
        var shared = new SnapshotDirectory(cluster.Shared);
        var old = shared.Publish(RandomSnapshot.Content(seed: 3, users: Users, products: 1_200));
        var next = shared.Publish(RandomSnapshot.Content(seed: 4));
        Point(cluster, old);
        return (old, next);
    }

    private static void Point(TestCluster cluster, string snapshot) =>
        File.WriteAllText(Path.Combine(cluster.Shared, "default", "CURRENT"), snapshot + "\n");

    private static void Damage(string root, string snapshot)
    {
        using var file = new FileStream(
            new SnapshotDirectory(root).FilePath(snapshot), FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }

    private static async Task Until(TestCluster cluster, string sql, string row)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await cluster.Rows(sql) is not [var only] || only != row)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }
}
