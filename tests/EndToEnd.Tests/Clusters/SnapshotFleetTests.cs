using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Protos.V1;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clusters;

/// <summary>One snapshot for all nodes, as real processes: fetched by content, served when a quorum is ready.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class SnapshotFleetTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task What_one_node_publishes_all_fetch_and_serve_though_one_is_killed()
    {
        using var cluster = await TestCluster.Create(server);
        var nodes = new[] { "node1", "node2", "node3" };
        var first = new SnapshotDirectory(cluster.Path("node1")).Publish(RandomSnapshot.Content(seed: 1));
        var running = await Task.WhenAll(nodes.Select(node => Start(cluster, node)));
        try
        {
            foreach (var node in running)
            {
                await Serves(node, first);
            }

            Assert.Equal(FileOf(cluster, "node1", first), FileOf(cluster, "node3", first));

            // Two of three are a quorum: the next one is served while the third is dead, and not yet known to be.
            await running[2].Kill();
            using var stop = new CancellationTokenSource();
            var seen = running[..2].Select(node => Task.Run(() => Ask(node, stop.Token))).ToArray();
            var second = new SnapshotDirectory(cluster.Path("node1")).Publish(RandomSnapshot.Content(seed: 2));
            await Serves(running[0], second);
            await Serves(running[1], second);
            await stop.CancelAsync();
            foreach (var ids in await Task.WhenAll(seen))
            {
                // No call failed, and none was answered from the first one after the second.
                Assert.Equal(ids.Order(Comparer<string>.Create((a, b) => (b == first).CompareTo(a == first))), ids);
                Assert.Subset(new HashSet<string> { first, second }, ids.ToHashSet());
            }

            // The dead one comes back and cannot store it: not ready, with the reason, until it can.
            var blocked = Directory.CreateDirectory(new SnapshotDirectory(cluster.Path("node3")).FilePath(second));
            using var back = await Start(cluster, "node3");
            using var client = new HttpClient { BaseAddress = back.Http };
            await Until(async () => (await TestCluster.HealthOf(client)).Contains(
                "cannot write", StringComparison.Ordinal));
            using (var ready = await client.GetAsync("/readyz"))
            {
                Assert.False(ready.IsSuccessStatusCode);
                Assert.Contains(
                    $"the cluster serves {second}, and this node ", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            var status = await ProgramOutput.OfEngine("cluster", "status", "--cluster", cluster.FileOf("node1"));
            Assert.Contains(second, status.Output, StringComparison.Ordinal);
            blocked.Delete();
            await Serves(back, second);
            await Until(() => ServedProcess.IsReady(client, back.Http));

            // Activating an older one is the cluster's, too, on whatever node it is asked.
            using var channel = GrpcChannel.ForAddress(back.Grpc);
            var reply = await new Snapshots.SnapshotsClient(channel).ActivateAsync(new() { SnapshotId = first, Force = true });
            Assert.Equal(first, reply.ActiveSnapshotId);
            await Serves(running[0], first);
            await Serves(running[1], first);
            await Until(() => Task.FromResult(nodes.All(
                node => new SnapshotDirectory(cluster.Path(node)).ReadCurrent() == first)));
        }
        finally
        {
            Array.ForEach(running, node => node.Dispose());
        }
    }

    [MariaDbFact]
    public async Task Nodes_serve_what_is_published_in_the_shared_folder_and_refuse_other_bytes()
    {
        using var cluster = await TestCluster.Create(server);
        cluster.Shared = cluster.Path("shared");
        var shared = new SnapshotDirectory(cluster.Shared);
        var first = shared.Publish(RandomSnapshot.Content(seed: 1));
        using var one = await Start(cluster, "node1");
        await Serves(one, first);

        // A damaged copy in the shared folder: the second node takes it from the first one.
        var path = shared.FilePath(first);
        File.SetAttributes(path, FileAttributes.Normal);
        using (var file = File.OpenWrite(path))
        {
            file.Position = file.Length / 2;
            file.WriteByte(0xAB);
            file.WriteByte(0xCD);
        }

        using var two = await Start(cluster, "node2");
        await Serves(two, first);
        Assert.Equal(FileOf(cluster, "node1", first), FileOf(cluster, "node2", first));
        Assert.NotEqual(FileOf(cluster, "node1", first), await File.ReadAllBytesAsync(path));

        var second = shared.Publish(RandomSnapshot.Content(seed: 2));
        await Serves(one, second);
        await Serves(two, second);
    }

    [MariaDbFact]
    public async Task A_workspace_that_nobody_has_turns_no_node_away_and_can_be_forgotten()
    {
        using var cluster = await TestCluster.Create(server);
        await using var engine = await cluster.Start("node1");
        await cluster.Execute("INSERT INTO engine_fleet VALUES ('shop', 'trial', 1, '20250101-gone', NULL, 0, NULL)");
        await engine.Until("workspace trial: the cluster serves 20250101-gone, and this node nothing: ", "/health");
        await engine.Until("the cluster does not know the chunks of snapshot 20250101-gone", "/health");
        Assert.True(await ServedProcess.IsReady(engine.Http, engine.Http.BaseAddress!));

        var refused = await Forget(SnapshotDirectory.DefaultWorkspace);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is served by node1", refused.Error, StringComparison.Ordinal);

        // A saved policy is a document; the folder that is deleted after the workspace was forgotten does not bring it back.
        var trial = Path.Combine(engine.Root, "trial");
        await File.WriteAllTextAsync(Path.Combine(trial, "policy.json"), "{ \"users\": 7 }");
        await Until(async () => await cluster.Rows("SELECT path FROM engine_document WHERE workspace = 'trial'") is [_]);
        var done = await Forget("trial");
        Assert.Contains("no longer knows workspace trial", done.Output, StringComparison.Ordinal);
        Assert.Equal(["default"], await cluster.Rows("SELECT workspace FROM engine_fleet"));
        Directory.Delete(trial, recursive: true);
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Empty(await cluster.Rows("SELECT name FROM engine_workspace WHERE name = 'trial'"));
        Assert.False(Directory.Exists(trial));

        // It serves one snapshot and refuses the offered one: it still serves the workspace.
        await cluster.Execute("UPDATE engine_fleet SET offered = '20250101-gone', version = version + 1");
        await Until(async () => await cluster.Rows("SELECT snapshot FROM engine_ready") is ["20250101-gone"]);
        Assert.Contains("is served by node1", (await Forget("default")).Error, StringComparison.Ordinal);

        Task<ProgramOutput> Forget(string workspace) => ProgramOutput.OfEngine(
            "cluster", "forget", workspace, "--cluster", cluster.FileOf("node1"));
    }

    [MariaDbFact]
    public async Task A_file_that_holds_another_snapshot_than_its_name_says_is_neither_offered_nor_kept()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1", RandomSnapshot.Content(seed: 1));
        var id = first.Directory.ReadCurrent()!;
        await Until(async () => await cluster.Rows("SELECT served FROM engine_fleet") is [var served] && served == id);
        const string Wrong = "20250101-wrong";
        File.Copy(first.Directory.FilePath(id), first.Directory.FilePath(Wrong));
        await File.WriteAllTextAsync(Path.Combine(first.Directory.Path, "CURRENT"), Wrong);
        await first.Until($"found snapshot {id} in it, expected {Wrong}", "/health");
        Assert.Equal([id], await cluster.Rows("SELECT id FROM engine_snapshot"));

        // A cluster that knows it all the same, from an earlier version: what a node has fetched does not stay.
        await cluster.Execute($"INSERT INTO engine_snapshot SELECT cluster, workspace, '{Wrong}', content, length, "
            + "chunk_bytes, hashes FROM engine_snapshot");
        await cluster.Execute($"UPDATE engine_fleet SET offered = '{Wrong}', version = version + 1");
        await using var second = await cluster.Start("node2");
        await second.Until($"found snapshot {id} in it, expected {Wrong}", "/health");
        Assert.Equal([id], second.Directory.List());
    }

    [MariaDbFact]
    public async Task Activate_waits_for_the_nodes_as_long_as_its_caller_and_without_a_thread_of_heavy_calls()
    {
        using var cluster = await TestCluster.Create(server);
        var file = cluster.FileOf("node1");

        // A member that nobody reaches lives for a while.
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace(
            "\"probe_seconds\": 1", "\"probe_seconds\": 30", StringComparison.Ordinal));
        await using var engine = await RunningEngine.Start(
            configure: options => (options.Cluster, options.Limits.HeavyThreads) = (file, 1));
        var fleet = TestCluster.NodeOf(engine).FleetOf("default");
        var first = engine.Directory.ReadCurrent()!;
        await TestCluster.Until(() => fleet.Served == first);
        var second = await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        await TestCluster.Until(() => fleet.Served == second);
        await cluster.Execute(
            "INSERT INTO OrleansMembershipTable VALUES ('shop', '127.0.0.1', 1, 1, 'ghost', 'ghost', 3, 0, NULL, "
            + "UTC_TIMESTAMP(), UTC_TIMESTAMP())");

        var waiting = engine.Snapshots.ActivateAsync(new() { SnapshotId = first, Force = true }).ResponseAsync;
        await Until(async () => await cluster.Rows("SELECT offered FROM engine_fleet") is [var offered] && offered == first);
        var soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30);
        Assert.Equal(2, (await engine.Snapshots.ListAsync(new(), deadline: soon)).Snapshots.Count);
        Assert.False(waiting.IsCompleted);

        await TestCluster.Until(() => fleet.ToPrepare?.Id == first);
        using var gone = new CancellationTokenSource();
        var left = engine.Parts.GetRequiredService<WorkspaceRegistry>().Get("").Activator.Activate(
            first, validateOnly: false, force: true, gone.Token);
        Assert.Equal(second, left.Previous);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left.Served.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.False(waiting.IsCompleted);

        await cluster.Execute("DELETE FROM OrleansMembershipTable WHERE SiloName = 'ghost'");
        Assert.Equal(first, (await waiting).ActiveSnapshotId);
    }

    private static Task<ServedProcess> Start(TestCluster cluster, string node) => ServedProcess.StartOver(
        cluster.Path(node), "--cluster", cluster.FileOf(node), "--poll-milliseconds", "50");

    private static byte[] FileOf(TestCluster cluster, string node, string id) =>
        File.ReadAllBytes(new SnapshotDirectory(cluster.Path(node)).FilePath(id));

    private static async Task<string> IdOf(Recommender.RecommenderClient client) =>
        (await client.RecommendAsync(new() { UserId = "user-1é", TopK = 3 })).SnapshotId;

    private static async Task<List<string>> Ask(ServedProcess node, CancellationToken stop)
    {
        using var channel = GrpcChannel.ForAddress(node.Grpc);
        var client = new Recommender.RecommenderClient(channel);
        var ids = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            ids.Add(await IdOf(client));
        }

        return ids;
    }

    private static async Task Serves(ServedProcess node, string id)
    {
        using var channel = GrpcChannel.ForAddress(node.Grpc);
        var client = new Recommender.RecommenderClient(channel);
        await Until(async () =>
        {
            try
            {
                return await IdOf(client) == id;
            }
            catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.Unavailable)
            {
                return false;
            }
        });
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await holds())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
