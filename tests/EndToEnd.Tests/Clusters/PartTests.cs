using EndToEnd.Tests.Adb;
using Engine.Cluster.Database;
using Engine.Cluster.Parts;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clusters;

/// <summary>The rows of a result that several nodes work on, in a real MariaDB.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class PartTests(MariaDbServer server)
{
    private const string Id = "20250101-000000000-abcd";
    private static readonly string Fingerprint = new('f', 64);

    [MariaDbFact]
    public async Task A_claim_goes_on_behind_the_parts_that_others_have_claimed_meanwhile()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        var result = Tasks(cluster, database).Of(Id);
        Assert.True(result.Open(Fingerprint, parts: 12));

        // Another node has claimed as many as one look finds, and its transaction is not committed yet.
        using var claimed = new ManualResetEventSlim();
        using var mayCommit = new ManualResetEventSlim();
        var other = Task.Run(() => database.Run("claiming for the test", transaction =>
        {
            transaction.Execute(
                "UPDATE engine_task_part SET epoch = 1, lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE part < 8");
            claimed.Set();
            mayCommit.Wait();
            return true;
        }));
        claimed.Wait();
        var own = Task.Run(() => result.TryClaim(12, assembly: false));
        await Task.Delay(TimeSpan.FromSeconds(1));
        mayCommit.Set();
        await other;
        Assert.Equal(new PartClaim(8, 1), await own);
        Assert.Equal([9, 10, 11], Enumerable.Range(0, 3).Select(_ => result.TryClaim(12, assembly: false)!.Part));
        Assert.Null(result.TryClaim(12, assembly: false));
    }

    [MariaDbFact]
    public async Task A_deleted_task_has_no_rows_whatever_a_node_that_works_on_it_does()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        var tasks = Tasks(cluster, database);
        var (result, heldOut) = (tasks.Of(Id), tasks.Of(Id, ".heldout"));
        Assert.True(result.Open(Fingerprint, parts: 2) && heldOut.Open(Fingerprint, parts: 1));
        Assert.Equal([Id], tasks.Known());
        var claims = new[] { result.TryClaim(2, assembly: false)!, result.TryClaim(2, assembly: true)! };
        Directory.Delete(Path.Combine(cluster.Path("tasks"), Id));
        tasks.Forget(Id);
        await HasNoRows();

        Assert.False(result.TryCommit(claims[0], new CommittedPart(0, 1, 1, 1, 1, [])));
        Assert.False(result.TryPublish(claims[1], "{}"));
        Assert.False(result.TryGiveUp("{}"));
        Assert.True(result.Open(Fingerprint, parts: 2));
        Assert.Null(result.State());
        Assert.Null(result.TryClaim(2, assembly: false));
        await HasNoRows();

        async Task HasNoRows()
        {
            Assert.Empty(await cluster.Rows("SELECT task FROM engine_task"));
            Assert.Empty(await cluster.Rows("SELECT task FROM engine_task_part"));
        }
    }

    [MariaDbFact]
    public async Task A_task_is_refused_by_all_when_every_living_node_has_refused_it_and_five_tries_were_made()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        var (one, two) = (Tasks(cluster, database), Tasks(cluster, database, "node2"));
        await cluster.Execute("INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES ('shop')");
        await cluster.Execute(
            "INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, "
            + "StartTime, IAmAliveTime) VALUES "
            + string.Join(", ", Enumerable.Range(1, 3).Select(n =>
                $"('shop', '127.0.0.1', {n}, 1, 'node{n}', 'host', {(n == 3 ? 6 : 3)}, UTC_TIMESTAMP(), "
                + "UTC_TIMESTAMP())")));
        var result = one.Of(Id);
        Assert.True(result.Open(Fingerprint, parts: 2));

        // The other living node has not refused it, however often this one does.
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Null(Refuse(one)));
        Assert.Equal(
            "no node can work on it. node1: damaged. node2: damaged.", Refuse(two, isTry: false));
        one.Refusals.Remove(Id);
        Assert.Null(Refuse(two));
        Assert.Null(Refuse(one));
        Assert.Null(Refuse(one));
        Assert.Null(Refuse(two));

        // Somebody works on a part.
        var claim = result.TryClaim(2, assembly: false)!;
        Assert.Null(Refuse(one));
        result.Release(claim);
        Assert.NotNull(Refuse(two));

        // A part is done: what was refused before it does not count.
        Assert.True(result.TryCommit(result.TryClaim(2, assembly: false)!, new CommittedPart(0, 2, 1, 1, 1, [])));
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Null(Refuse(two)));

        // No other node may run it.
        Assert.NotNull(two.Refusals.Add(Id, "damaged", isTry: true, isAlone: true));
        Assert.True(result.TryGiveUp("{}"));
        Assert.Empty(await cluster.Rows("SELECT node FROM engine_task_refusal"));

        static string? Refuse(ClusterTasks node, bool isTry = true) =>
            node.Refusals.Add(Id, "damaged", isTry, isAlone: false);
    }

    private static ClusterTasks Tasks(TestCluster cluster, ClusterDatabase database, string node = "node1")
    {
        ClusterSchema.Ensure(database);
        Directory.CreateDirectory(Path.Combine(cluster.Path("tasks"), Id));
        return new ClusterTasks(database, "shop", "default", cluster.Path("tasks"), node, leaseSeconds: 60);
    }
}
