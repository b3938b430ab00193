using EndToEnd.Tests.Adb;
using Engine.Cluster.Database;
using Engine.Protos.V1;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
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

        using var first = await cluster.StartProcess("node1", id);
        using var killed = await cluster.StartProcess("node2", id);
        using var stopped = await cluster.StartProcess("node3", id);
        using var channel = GrpcChannel.ForAddress(first.Grpc);
        var tasks = new Tasks.TasksClient(channel);
        var task = await tasks.CreateAsync(new() { TopK = Top });
        await UntilItHolds(cluster, "node3");
        await ProgramOutput.Freeze(stopped.Id);
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
    public async Task A_task_that_is_still_being_stored_is_not_taken_for_a_deleted_one()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var id = new SnapshotDirectory(cluster.Shared).Publish(RandomSnapshot.Content(seed: 3));
        await using var node = await cluster.Follow("node1", id);

        // Somebody holds the folder, while the node looks at its tasks every 50 ms.
        var held = WriterLock.Take(Path.Combine(cluster.Shared, "default", "tasks", "change.lock"));
        var creating = node.Tasks.CreateAsync(new() { TopK = 3 }).ResponseAsync;
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.False(creating.IsCompleted);
        held.Dispose();
        var task = await creating;
        Assert.NotEqual(TaskState.Cancelled, task.State);
        await TestCluster.Until(() => node.Tasks.Get(new() { TaskId = task.TaskId }).State is TaskState.Succeeded);
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
        using var first = await cluster.StartProcess("node1", id);
        using var second = await cluster.StartProcess("node2", id);
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
        Assert.Empty(await cluster.Rows("SELECT task FROM engine_task"));
    }

    [MariaDbFact]
    public async Task A_deleted_task_stays_deleted_when_a_stopped_node_comes_back()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var id = new SnapshotDirectory(cluster.Shared).Publish(
            RandomSnapshot.Content(seed: 3, users: Users, products: 1_200));
        using var first = await cluster.StartProcess("node1", id);
        using var stopped = await cluster.StartProcess("node2", id);
        using var channel = GrpcChannel.ForAddress(first.Grpc);
        using var other = GrpcChannel.ForAddress(stopped.Grpc);
        var (here, there) = (new Tasks.TasksClient(channel), new Tasks.TasksClient(other));
        var task = await here.CreateAsync(new() { TopK = Top });
        await UntilItHolds(cluster, "node2");
        await ProgramOutput.Freeze(stopped.Id);
        Assert.Equal(TaskState.Cancelled, (await here.CancelAsync(new() { TaskId = task.TaskId })).State);
        await here.DeleteAsync(new() { TaskId = task.TaskId });
        Assert.Empty(await cluster.Rows("SELECT task FROM engine_task"));
        await stopped.Signal("CONT");

        // It works on its part, and on a task of its own after it: nothing of the deleted one comes back.
        var next = await there.CreateAsync(new() { TopK = 1 });
        await TestCluster.Until(() => there.Get(new() { TaskId = next.TaskId }).State is TaskState.Succeeded);
        Assert.Equal([next.TaskId], there.List(new()).Tasks.Select(one => one.TaskId));
        Assert.Equal([next.TaskId], await cluster.Rows("SELECT task FROM engine_task"));
        Assert.Equal(
            [next.TaskId],
            Directory.GetDirectories(TasksOf(cluster)).Select(folder => Path.GetFileName(folder)));
    }

    [MariaDbFact]
    public async Task A_task_that_sees_the_events_of_a_lost_node_can_be_canceled_and_deleted()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var id = new SnapshotDirectory(cluster.Shared).Publish(
            RandomSnapshot.Content(seed: 3, users: Users, products: 1_200));
        using var first = await cluster.StartProcess("node1", id);
        string task;
        using (var lost = await cluster.StartProcess("node2", id))
        {
            using var channel = GrpcChannel.ForAddress(lost.Grpc);
            await new Engine.Protos.V1.Events.EventsClient(channel).PutAsync(new()
            {
                Events =
                {
                    new Event
                    {
                        UserId = "user-1é", ProductId = "P5", Type = EventType.Purchase, Time = "2021-08-02T09:00:00",
                    },
                },
            });
            task = (await new Tasks.TasksClient(channel).CreateAsync(new() { TopK = Top })).TaskId;
            await lost.Kill();
        }

        Assert.Contains(
            "\"node2\"",
            await File.ReadAllTextAsync(Path.Combine(TasksOf(cluster), task, "task.json")),
            StringComparison.Ordinal);
        using var living = GrpcChannel.ForAddress(first.Grpc);
        var tasks = new Tasks.TasksClient(living);
        var soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30);
        Assert.Equal(TaskState.Cancelled, (await tasks.CancelAsync(new() { TaskId = task }, deadline: soon)).State);
        await tasks.DeleteAsync(new() { TaskId = task });
        Assert.Empty(tasks.List(new()).Tasks);
        Assert.Empty(await cluster.Rows("SELECT task FROM engine_task"));

        // The node comes back on its machine, and finds it canceled and deleted.
        using var back = await cluster.StartProcess("node2", id);
        using var again = GrpcChannel.ForAddress(back.Grpc);
        Assert.Empty(new Tasks.TasksClient(again).List(new()).Tasks);
    }

    [MariaDbFact]
    public async Task What_a_node_cannot_write_gives_its_part_back_and_bytes_that_changed_fail_the_task()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var id = new SnapshotDirectory(cluster.Shared).Publish(
            RandomSnapshot.Content(seed: 3, users: Users, products: 1_200));
        using var node = await cluster.StartProcess("node1", id);
        using var channel = GrpcChannel.ForAddress(node.Grpc);
        var tasks = new Tasks.TasksClient(channel);

        // The first file of the assembly cannot be written: there is a folder of its name.
        var task = await tasks.CreateAsync(new() { TopK = Top });
        await UntilItHolds(cluster, "node1");
        var parts = Path.Combine(TasksOf(cluster), task.TaskId, "result.parquet.parts");
        var last = (await cluster.Rows("SELECT MAX(part) FROM engine_task_part"))[0];
        Directory.CreateDirectory(Path.Combine(parts, $"{last}.1.parquet.partial"));
        await TestCluster.Until(() => tasks.Get(new() { TaskId = task.TaskId }).State is TaskState.Succeeded or TaskState.Failed);
        var done = tasks.Get(new() { TaskId = task.TaskId });
        Assert.Equal((TaskState.Succeeded, ""), (done.State, done.Error));
        Assert.Equal((long)Users * Top, done.RowCount);

        var damaged = (await tasks.CreateAsync(new() { TopK = Top })).TaskId;
        var first = Path.Combine(TasksOf(cluster), damaged, "result.parquet.parts", "0.1");
        await TestCluster.Until(() => File.Exists(first));
        await File.WriteAllTextAsync(first, "other bytes");
        await TestCluster.Until(() => tasks.Get(new() { TaskId = damaged }).State is TaskState.Failed);
        Assert.Contains("other bytes than were committed", tasks.Get(new() { TaskId = damaged }).Error, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task What_killed_nodes_have_left_in_the_shared_folder_is_swept()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        using (var database = cluster.Open())
        {
            ClusterSchema.Ensure(database);
        }

        // Part 0 of a task without task.json is committed with epoch 3; nobody runs it.
        var (open, gone, old) = ("20250101-000000000-aaaa", "20250101-000000000-bbbb", "20250101-000000000-cccc");
        await cluster.Execute(
            "INSERT INTO engine_task (cluster, workspace, task, fingerprint) VALUES "
            + $"('shop', 'default', '{open}', ''), ('shop', 'default', '{old}', ''), ('shop', 'default', '{old}.heldout', '')");
        await cluster.Execute(
            "INSERT INTO engine_task_part (cluster, workspace, task, part, epoch, committed) "
            + $"VALUES ('shop', 'default', '{open}', 0, 3, 1), ('shop', 'default', '{old}', 0, 1, 0)");
        var kept = Add(open, "0.3");
        string[] left =
        [
            Add(open, "0.2"), Add(open, "1.1"), Add(open, "1.1.parquet.partial"), Add(open, $".{Guid.NewGuid():N}.partial"),
            Add(gone, "0.1"), Add(gone, "4.1.parquet.journal"),
        ];
        var fresh = Path.Combine(TasksOf(cluster), open, "result.parquet.parts", "0.1");
        await File.WriteAllTextAsync(fresh, "written a moment ago");
        await File.WriteAllTextAsync(Path.Combine(TasksOf(cluster), "change.lock"), "");

        await using var node = await cluster.Start("node1");
        await TestCluster.Until(() => !left.Any(File.Exists));
        Assert.True(File.Exists(kept) && File.Exists(fresh));
        while (await cluster.Rows("SELECT task FROM engine_task") is not [var only] || only != open)
        {
            await Task.Delay(50);
        }

        Assert.Equal([$"{open}|0"], await cluster.Rows("SELECT task, part FROM engine_task_part"));

        string Add(string task, string name)
        {
            var path = Path.Combine(TasksOf(cluster), task, "result.parquet.parts", name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "left behind");
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
            return path;
        }
    }

    private static string TasksOf(TestCluster cluster) => Path.Combine(cluster.Shared, "default", "tasks");

    private static async Task<(long Rows, byte[] Bytes)> OneMachine(Engine.Snapshots.Writing.SnapshotContent content)
    {
        await using var alone = await RunningEngine.Start(content);
        var task = await alone.Tasks.CreateAsync(new() { TopK = Top });
        await TestCluster.Until(() => alone.Tasks.Get(new() { TaskId = task.TaskId }).State is TaskState.Succeeded);
        return (
            alone.Tasks.Get(new() { TaskId = task.TaskId }).RowCount,
            await File.ReadAllBytesAsync(Path.Combine(alone.Directory.Path, "tasks", task.TaskId, "result.parquet")));
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
