using EndToEnd.Tests.Adb;
using Engine.Cluster.Database;
using Engine.Cluster.Documents;
using Engine.Protos.V1;
using Engine.Snapshots;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clusters;

/// <summary>What people save on one node is the workspace's on all nodes.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class DocumentTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task What_one_node_saves_the_others_have_and_a_new_node_gets_all_of_it()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        await using var second = await cluster.Start("node2");
        await first.Catalog.SavePoolAsync(new() { Name = "tea", Rule = "category = 'a'" });
        await second.Catalog.SetBlockedAsync(new() { Block = { "p1", "p2" } });
        await second.Catalog.SaveAudienceAsync(
            new() { Name = "some", UserIds = { "u1", "u2" } });
        await File.WriteAllTextAsync(Path.Combine(first.Directory.Path, "policy.json"), "{ \"users\": 7 }");
        await first.Catalog.SavePlacementAsync(new() { Placement = new() { Name = "slot", Pool = "tea" } });
        await TestCluster.Until(() => second.Catalog.ListPlacements(new()).Placements.Count == 1);
        await second.Catalog.SaveExperimentAsync(new()
        {
            Experiment = new()
            {
                Name = "trial",
                Arms = { new Engine.Protos.V1.ExperimentArm { Name = "a", Placement = "slot", Share = 1 } },
            },
        });
        await TestCluster.Until(() => Has(second, "tea") && Blocked(first) == 2 && Exists(second, "policy.json")
            && first.Catalog.ListAudiences(new()).Audiences.Count == 1
            && first.Catalog.ListExperiments(new()).Experiments.Count == 1);
        var shown = await first.Recommender.RecommendPlacementAsync(new() { Experiment = "trial", UserId = "user-1é" });
        Assert.Equal(("a", "slot"), (shown.Arm, shown.Placement));

        await using var third = await cluster.Start("node3");
        Assert.True(Has(third, "tea"));
        Assert.Equal(2, Blocked(third));
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(first.Directory.Path, "policy.json")),
            await File.ReadAllTextAsync(Path.Combine(third.Directory.Path, "policy.json")));

        await third.Catalog.DeletePoolAsync(new() { Name = "tea" });
        File.Delete(Path.Combine(second.Directory.Path, "policy.json"));
        await TestCluster.Until(() => !Has(first, "tea") && !Has(second, "tea") && !Exists(first, "policy.json"));
    }

    [MariaDbFact]
    public async Task An_experiment_of_one_node_is_that_of_all_with_the_snapshots_of_its_arms()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        await using var second = await cluster.Start("node2");

        // One that is not served, on the first node alone.
        var other = new SnapshotDirectory(cluster.Path("other"));
        var named = other.Publish(RandomSnapshot.Content(seed: 2));
        File.Copy(other.FilePath(named), first.Directory.FilePath(named));
        await first.Catalog.SavePlacementAsync(new() { Placement = new Placement { Name = "home", TopK = 3 } });
        await first.Catalog.SaveExperimentAsync(new()
        {
            Experiment = new Experiment
            {
                Name = "trial",
                Arms =
                {
                    new ExperimentArm { Name = "now", Placement = "home", Share = 0.5 },
                    new ExperimentArm { Name = "next", Placement = "home", SnapshotId = named, Share = 0.5 },
                },
            },
        });
        await TestCluster.Until(() => File.Exists(second.Directory.FilePath(named))
            && second.Catalog.ListExperiments(new()).Experiments.Count == 1
            && second.Catalog.ListPlacements(new()).Placements.Count == 1);
        Assert.Equal(
            await File.ReadAllBytesAsync(first.Directory.FilePath(named)),
            await File.ReadAllBytesAsync(second.Directory.FilePath(named)));
        var users = RandomSnapshot.Content(seed: 1).UserIds.Take(20).ToArray();
        var shown = users.Select(user => Arm(first, user)).ToArray();
        Assert.Equal(shown, users.Select(user => Arm(second, user)));
        Assert.Equal(["next", "now"], shown.Select(one => one.Arm).Distinct().Order());

        await second.Catalog.DeleteExperimentAsync(new() { Name = "trial" });
        await TestCluster.Until(() => first.Catalog.ListExperiments(new()).Experiments.Count == 0);
        var saved = await ProgramOutput.OfEngine(
            "experiment", "delete", "--snapshots", first.Root, "--name", "trial");
        Assert.Equal(1, saved.ExitCode);
        Assert.Contains("belongs to a cluster", saved.Error, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task No_save_of_two_nodes_at_once_is_lost()
    {
        const int Saves = 10;
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        await using var second = await cluster.Start("node2");
        await Task.WhenAll(new[] { first, second }.SelectMany((engine, node) => Enumerable.Range(0, Saves).Select(
            async i =>
            {
                await engine.Catalog.SavePoolAsync(new() { Name = "tea", Rule = $"price < {(node * Saves) + i + 1}" });
                await engine.Catalog.SetBlockedAsync(new() { Block = { $"b{node}-{i}" } });
            })));
        await TestCluster.Until(() => Blocked(first) == 2 * Saves && Blocked(second) == 2 * Saves
            && VersionOf(first) == 2 * Saves && VersionOf(second) == 2 * Saves);

        // Every save has a version of its own, the same on both nodes.
        var rules = Enumerable.Range(1, 2 * Saves)
            .Select(version => first.Catalog.GetPool(new() { Name = "tea", Version = version }).Rule).ToArray();
        Assert.Equal(2 * Saves, rules.Distinct().Count());
        Assert.Equal(rules, Enumerable.Range(1, 2 * Saves)
            .Select(version => second.Catalog.GetPool(new() { Name = "tea", Version = version }).Rule));
    }

    [MariaDbFact]
    public async Task Without_the_database_reading_goes_on_and_saving_is_refused()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        await using var second = await cluster.Start("node2");
        await first.Catalog.SavePoolAsync(new() { Name = "tea", Rule = "price < 10" });
        await TestCluster.Until(() => Has(second, "tea"));
        server.Kill();
        try
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(
                async () => await second.Catalog.SavePoolAsync(new() { Name = "tea", Rule = "price < 20" }));
            Assert.Equal(StatusCode.Unavailable, refusal.StatusCode);
            Assert.Contains("Nothing was changed", refusal.Status.Detail, StringComparison.Ordinal);
            Assert.Equal("price < 10", second.Catalog.GetPool(new() { Name = "tea" }).Rule);
            Assert.NotEmpty((await second.Recommender.RecommendAsync(new() { UserId = "user-1é", TopK = 3 })).Products);
            await TestCluster.Until(() => TestCluster.NodeOf(second).Problems().Any());
        }
        finally
        {
            await server.Start();
        }

        await TestCluster.Until(() => !TestCluster.NodeOf(second).Problems().Any());
        Assert.Equal(2, (await second.Catalog.SavePoolAsync(new() { Name = "tea", Rule = "price < 20" })).Version);
        await TestCluster.Until(() => VersionOf(first) == 2);
    }

    [MariaDbFact]
    public async Task Nobody_saves_past_the_cluster_and_no_folder_mixes_two()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        await first.Catalog.SavePoolAsync(new() { Name = "tea", Rule = "price < 10" });
        var saved = await ProgramOutput.OfEngine(
            "pool", "save", "--snapshots", first.Root, "--name", "other", "--rule", "price < 5");
        Assert.Equal(1, saved.ExitCode);
        Assert.Contains("belongs to a cluster", saved.Error, StringComparison.Ordinal);

        var file = cluster.FileOf("node2");
        await using var second = await RunningEngine.StartEmpty();
        await second.PublishAndWait(RandomSnapshot.Content(seed: 1));
        await second.Catalog.SavePoolAsync(new() { Name = "own", Rule = "price < 1" });
        await using var joining = await RunningEngine.StartEmpty(configure: options =>
            (options.Cluster, options.Snapshots) = (file, second.Root));
        await TestCluster.Until(() => TestCluster.NodeOf(joining).Problems().Any(
            problem => problem.Contains("was saved before this node joined", StringComparison.Ordinal)));
        Assert.True(Has(second, "own"));
    }

    [MariaDbFact]
    public async Task What_was_saved_is_saved_though_the_turn_was_lost_and_a_save_that_came_too_late_leaves_nothing()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        ClusterSchema.Ensure(database);
        var table = new DocumentTable(database, "shop");
        var saved = table.InTurn("trial", () =>
        {
            var document = table.TryWrite("trial", "policy.json", 0, [1]);
            var turn = cluster.Rows("SELECT IS_USED_LOCK(SHA2('shop/trial', 256))").GetAwaiter().GetResult();
            cluster.Execute($"KILL {turn[0]}").GetAwaiter().GetResult();
            return document;
        });
        Assert.Equal(1, saved?.Version);
        Assert.Equal(saved, Assert.Single(table.Since("trial", 0)));

        // Forgotten by somebody else: a number without documents would bring the workspace back on every node.
        ForgottenWorkspace.Forget(database, "shop", "trial");
        Assert.Null(table.TryWrite("trial", "policy.json", 1, null));
        Assert.Empty(table.Changes());
    }

    private static (string Arm, string SnapshotId) Arm(RunningEngine engine, string user)
    {
        var reply = engine.Recommender.RecommendPlacement(new() { Experiment = "trial", UserId = user });
        return (reply.Arm, reply.SnapshotId);
    }

    private static bool Has(RunningEngine engine, string pool) =>
        engine.Catalog.ListPools(new()).Pools.Any(one => one.Name == pool);

    private static long VersionOf(RunningEngine engine) => engine.Catalog.GetPool(new() { Name = "tea" }).Version;

    private static int Blocked(RunningEngine engine) => engine.Catalog.ListBlocked(new()).ProductIds.Count;

    private static bool Exists(RunningEngine engine, string name) => File.Exists(Path.Combine(engine.Directory.Path, name));
}
