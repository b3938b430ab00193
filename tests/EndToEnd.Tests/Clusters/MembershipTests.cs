using System.Text.Json.Nodes;
using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Protos.V1;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clusters;

/// <summary>Nodes that come, are killed and come back, as real processes.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class MembershipTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task Two_nodes_of_one_name_say_so_until_one_has_gone()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        var file = cluster.FileOf("node2");
        await File.WriteAllTextAsync(
            file, (await File.ReadAllTextAsync(file)).Replace("node2", "node1", StringComparison.Ordinal));
        await using (var twin = await RunningEngine.Start(configure: options => options.Cluster = file))
        {
            await TestCluster.Until(() => Tells(first) && Tells(twin));
        }

        await TestCluster.Until(() => !TestCluster.NodeOf(first).Problems().Any());
        var status = await ProgramOutput.OfEngine("cluster", "status", "--cluster", cluster.FileOf("node1"));
        Assert.Contains("active", status.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("dead", status.Output, StringComparison.Ordinal);

        static bool Tells(RunningEngine engine) => TestCluster.NodeOf(engine).Problems().Any(problem =>
            problem.Contains("another living node is named 'node1', too", StringComparison.Ordinal));
    }

    [MariaDbFact]
    public async Task A_killed_node_is_known_to_be_dead_and_what_it_saved_lives()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        using (var killed = await ServedProcess.Start("--cluster", cluster.FileOf("node2")))
        {
            await TestCluster.Until(() => TestCluster.NodeOf(first).Members is ["node1", "node2"]);
            using var channel = GrpcChannel.ForAddress(killed.Grpc);
            await new Catalog.CatalogClient(channel).SavePoolAsync(new() { Name = "tea", Rule = "price < 10" });
            await killed.Kill();
        }

        Assert.NotEmpty((await first.Recommender.RecommendAsync(new() { UserId = "user-1é", TopK = 3 })).Products);
        await TestCluster.Until(() => TestCluster.NodeOf(first).Members is ["node1"]);
        Assert.Equal("price < 10", first.Catalog.GetPool(new() { Name = "tea" }).Rule);

        // It comes back with an empty folder, as on a new machine.
        await using var back = await cluster.Start("node2");
        await TestCluster.Until(() => TestCluster.NodeOf(first).Members is ["node1", "node2"]);
        Assert.Equal("price < 10", back.Catalog.GetPool(new() { Name = "tea" }).Rule);
        var status = await ProgramOutput.OfEngine("cluster", "status", "--cluster", cluster.FileOf("node1"));
        Assert.Equal(0, status.ExitCode);
        Assert.Equal(2, status.Output.Split("active").Length - 1);
        var json = await ProgramOutput.OfEngine("cluster", "status", "--cluster", cluster.FileOf("node1"), "--json");
        var nodes = JsonNode.Parse(json.Output)!["nodes"]!.AsArray();
        Assert.Equal(["node1", "node2"], nodes.Select(node => (string)node!["name"]!));
    }
}
