using EndToEnd.Tests.Adb;
using Engine.Cluster.Database;

namespace EndToEnd.Tests.Clusters;

/// <summary>The tables of a cluster in a real MariaDB: made once, and known by version.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class SchemaTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task Nodes_that_come_at_once_make_the_tables_once()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ClusterSchema.Ensure(database))));
        Assert.Single(made, one => one);
        Assert.Equal(
            ["engine.sql|engine 4|1", "orleans.sql|Orleans 10.4.2|1"],
            await cluster.Rows("SELECT script, version, complete FROM engine_schema"));
    }

    [MariaDbFact]
    public async Task A_script_that_was_cut_short_runs_again()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        Assert.True(ClusterSchema.Ensure(database));
        await cluster.Execute("UPDATE engine_schema SET complete = 0");
        await cluster.Execute("DROP TABLE engine_document");
        await cluster.Execute("DELETE FROM OrleansQuery WHERE QueryKey = 'CleanupDefunctSiloEntryKey'");
        Assert.True(ClusterSchema.Ensure(database));
        Assert.Empty(await cluster.Rows("SELECT * FROM engine_document"));
        Assert.Equal(["10"], await cluster.Rows("SELECT COUNT(*) FROM OrleansQuery"));
    }

    // The rights that CLUSTER.md names: one account makes the tables, and the nodes have another one.
    [MariaDbFact]
    public async Task A_node_joins_with_the_rights_of_reading_and_writing_the_tables_that_another_account_has_made()
    {
        using var cluster = await TestCluster.Create(server);
        foreach (var (user, rights) in new[]
        {
            ("maker", "SELECT, INSERT, UPDATE, DELETE, EXECUTE, CREATE, CREATE ROUTINE, ALTER ROUTINE"),
            ("limited", "SELECT, INSERT, UPDATE, DELETE, EXECUTE"),
        })
        {
            await server.NewUser(user);
            await server.Execute($"GRANT {rights} ON {cluster.Database}.* TO {user}@'%'");
        }

        using (var maker = cluster.Open("node1", "maker"))
        {
            Assert.True(ClusterSchema.Ensure(maker));
        }

        using (var limited = cluster.Open("node2", "limited"))
        {
            Assert.False(ClusterSchema.Ensure(limited));
        }

        await using var node = await cluster.Start("node2");
        await node.Catalog.SavePoolAsync(new() { Name = "tea", Rule = "price < 10" });
        Assert.Equal(["node2"], TestCluster.NodeOf(node).Members);
    }

    [MariaDbFact]
    public async Task Tables_of_another_version_are_refused_by_name()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        ClusterSchema.Ensure(database);
        await cluster.Execute("UPDATE engine_schema SET version = 'Orleans 10.3.0' WHERE script = 'orleans.sql'");
        var refusal = Assert.Throws<Engine.InputException>(() => ClusterSchema.Ensure(database));
        Assert.Contains("holds the tables of Orleans 10.3.0; expected Orleans 10.4.2", refusal.Message, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task Tables_that_somebody_else_made_are_refused()
    {
        using var cluster = await TestCluster.Create(server);
        using var database = cluster.Open();
        await cluster.Execute("CREATE TABLE OrleansQuery (QueryKey VARCHAR(64), QueryText VARCHAR(8000))");
        var refusal = Assert.Throws<Engine.InputException>(() => ClusterSchema.Ensure(database));
        Assert.Contains("did not make (OrleansQuery)", refusal.Message, StringComparison.Ordinal);
    }
}
