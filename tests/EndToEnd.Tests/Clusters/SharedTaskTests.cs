using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Protos.V1;
using Engine.Snapshots;
using Grpc.Net.Client;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clusters;

/// <summary>A task that three processes run together in a shared folder: the bytes of one machine.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class SharedTaskTests(MariaDbServer server)
{
    private const int Users = 40_000;
    private const int Top = 1_000;

    [MariaDbFact]
    public async Task A_killed_node_and_a_stopped_one_cost_no_part_and_change_no_byte()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var content = RandomSnapshot.Content(seed: 3, users: Users, products: 1_200);
        var id = new SnapshotDirectory(cluster.Shared).Publish(content);
        var (_, expected) = await OneMachine(content);

        using var first = await Start(cluster, "node1", id);
        using var killed = await Start(cluster, "node2", id);
        using var stopped = await Start(cluster, "node3", id);
        using var channel = GrpcChannel.ForAddress(first.Grpc);
        var tasks = new Tasks.TasksClient(channel);
        var task = await tasks.CreateAsync(new() { TopK = Top });
        await UntilItHolds(cluster, "node3");
        await stopped.Signal("STOP");
        await UntilItHolds(cluster, "node2");
        await killed.Kill();

        // What the two held is free after their leases: the last node does it, and publishes.
        await TestCluster.Until(() => tasks.Get(new() { TaskId = task.TaskId }).State is TaskState.Succeeded);
        await stopped.Signal("CONT");
        var folder = Path.Combine(cluster.Shared, "default", "tasks", task.TaskId);
        var found = await File.ReadAllBytesAsync(Path.Combine(folder, "result.parquet"));
        Assert.Equal(expected, found);
        Assert.Equal(["1"], await cluster.Rows("SELECT state FROM engine_task"));
        Assert.Empty(await cluster.Rows("SELECT part FROM engine_task_part"));

        // The stopped one comes back: it lost its commit, sees the end, and leaves nothing behind.
        using var other = GrpcChannel.ForAddress(stopped.Grpc);
        var seen = new Tasks.TasksClient(other);
        await TestCluster.Until(() => seen.Get(new() { TaskId = task.TaskId }).State is TaskState.Succeeded
            && !Directory.Exists(Path.Combine(folder, "result.parquet.parts")));
        Assert.Equal((long)Users * Top, seen.Get(new() { TaskId = task.TaskId }).RowCount);
        Assert.Equal(expected, await File.ReadAllBytesAsync(Path.Combine(folder, "result.parquet")));
    }

    [MariaDbFact]
    public async Task No_folder_is_put_in_place_of_that_of_a_running_node()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        await using var node = await cluster.Start("node1", RandomSnapshot.Content(seed: 1));
        var file = cluster.Path("backup.tar");
        Assert.Equal(0, (await ProgramOutput.OfEngine("backup", file, "--snapshots", node.Root)).ExitCode);
        var refused = await ProgramOutput.OfEngine("restore", file, "--snapshots", node.Root, "--replace");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is used by a running engine", refused.Error, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task Any_node_cancels_and_deletes_what_another_one_runs()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var id = new SnapshotDirectory(cluster.Shared).Publish(
            RandomSnapshot.Content(seed: 3, users: Users, products: 1_200));
        using var first = await Start(cluster, "node1", id);
        using var second = await Start(cluster, "node2", id);
        using var channel = GrpcChannel.ForAddress(first.Grpc);
        using var other = GrpcChannel.ForAddress(second.Grpc);
        var (here, there) = (new Tasks.TasksClient(channel), new Tasks.TasksClient(other));
        var task = await here.CreateAsync(new() { TopK = Top });
        await TestCluster.Until(() => there.List(new()).Tasks.Count == 1);
        Assert.Equal(TaskState.Cancelled, (await there.CancelAsync(new() { TaskId = task.TaskId })).State);
        await TestCluster.Until(() => here.Get(new() { TaskId = task.TaskId }).State is TaskState.Cancelled);
        Assert.Equal(["2"], await cluster.Rows("SELECT state FROM engine_task"));
        await there.DeleteAsync(new() { TaskId = task.TaskId });
        await TestCluster.Until(() => here.List(new()).Tasks.Count == 0);
    }

    private static async Task<(long Rows, byte[] Bytes)> OneMachine(Engine.Snapshots.Writing.SnapshotContent content)
    {
        await using var alone = await RunningEngine.Start(content);
        var task = await alone.Tasks.CreateAsync(new() { TopK = Top });
        await TestCluster.Until(() => alone.Tasks.Get(new() { TaskId = task.TaskId }).State is TaskState.Succeeded);
        return (
            alone.Tasks.Get(new() { TaskId = task.TaskId }).RowCount,
            await File.ReadAllBytesAsync(Path.Combine(alone.Directory.Path, "tasks", task.TaskId, "result.parquet")));
    }

    private static async Task<ServedProcess> Start(TestCluster cluster, string node, string snapshot)
    {
        var served = await ServedProcess.StartOver(
            cluster.Path(node), "--cluster", cluster.FileOf(node), "--poll-milliseconds", "50", "--task-threads", "1");
        using var client = new HttpClient { BaseAddress = served.Http };
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!(await TestCluster.HealthOf(client, limit.Token)).Contains(
            $"\"snapshot_id\": \"{snapshot}\"", StringComparison.Ordinal))
        {
            await Task.Delay(50, limit.Token);
        }

        return served;
    }

    private static async Task UntilItHolds(TestCluster cluster, string node)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await cluster.Rows(
            "SELECT part FROM engine_task_part WHERE committed = 0 AND lease_until > UTC_TIMESTAMP(6) "
            + $"AND owner LIKE '{node} %'")).Length == 0)
        {
            await Task.Delay(5, limit.Token);
        }
    }
}
