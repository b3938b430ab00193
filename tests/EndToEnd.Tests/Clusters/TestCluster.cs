using System.Text.Json;
using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Cluster;
using Engine.Cluster.Configuration;
using Engine.Cluster.Database;
using Engine.Server.Configuration;
using Engine.Snapshots.Writing;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;

namespace EndToEnd.Tests.Clusters;

/// <summary>A cluster over a database of its own, and the files by which its nodes join.</summary>
internal sealed class TestCluster : IDisposable
{
    private const string Variable = "ENGINE_TESTS_CLUSTER_PASSWORD";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly MariaDbServer _server;

    private TestCluster(MariaDbServer server, string database)
    {
        (_server, Database) = (server, database);
        Environment.SetEnvironmentVariable(Variable, MariaDbServer.Password);
        _folder.Write(
            "source.json",
            JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["kind"] = "mysql",
                ["host"] = "127.0.0.1",
                ["port"] = server.Port,
                ["database"] = database,
                ["user"] = MariaDbServer.User,
                ["password_env"] = Variable,
                ["tls"] = new { mode = "off" },
            }));
    }

    /// <summary>The shared folder of the nodes whose files are made from now on; empty for none.</summary>
    public string Shared { get; set; } = "";

    /// <summary>A path in the folder of the cluster.</summary>
    public string Path(string name) => _folder.File(name);

    /// <summary>The name of the database.</summary>
    public string Database { get; }

    /// <summary>Without tables.</summary>
    public static async Task<TestCluster> Create(MariaDbServer server) =>
        new(server, await server.NewDatabase());

    /// <summary>The cluster.json of a node; its port stays its own.</summary>
    public string FileOf(string node)
    {
        var path = _folder.File($"{node}.json");
        return File.Exists(path)
            ? path
            : _folder.Write(
                $"{node}.json",
                $$"""
                { "cluster": "shop", "node": "{{node}}", "database": "source.json", "address": "127.0.0.1",
                  "silo_port": {{OwnPorts.Take()}}, "peer_port": {{OwnPorts.Take()}}, "shared": "{{Shared}}",
                  "lease_seconds": 5, "probe_seconds": 1, "missed_probes": 2, "votes": 1, "poll_milliseconds": 50 }
                """);
    }

    /// <summary>Opens the database as a node does.</summary>
    public ClusterDatabase Open() => new(ClusterFile.Read(FileOf("node1")));

    /// <summary>The same with another account, which the node uses from now on.</summary>
    public ClusterDatabase Open(string node, string user)
    {
        File.WriteAllText(Path($"{user}.source.json"), File.ReadAllText(Path("source.json")).Replace(
            $"\"user\":\"{MariaDbServer.User}\"", $"\"user\":\"{user}\"", StringComparison.Ordinal));
        var file = FileOf(node);
        File.WriteAllText(file, File.ReadAllText(file).Replace(
            "\"source.json\"", $"\"{user}.source.json\"", StringComparison.Ordinal));
        return new(ClusterFile.Read(file));
    }

    /// <summary>The rows of a query, cells joined by '|', sorted.</summary>
    public Task<string[]> Rows(string sql) => _server.Rows(sql, Database);

    /// <summary>Runs a statement.</summary>
    public Task Execute(string sql) => _server.Execute(sql, Database);

    /// <summary>Starts a node in this process and waits until it has joined.</summary>
    public async Task<RunningEngine> Start(string node, SnapshotContent? content = null)
    {
        var file = FileOf(node);
        var engine = await RunningEngine.Start(content, configure: options => options.Cluster = file);
        await Until(() => !NodeOf(engine).Problems().Any());
        return engine;
    }

    /// <summary>The same without a snapshot of its own: it waits until it serves one of the cluster's.</summary>
    public async Task<RunningEngine> Follow(
        string node, string snapshot, TimeProvider? time = null, Action<ServerOptions>? configure = null)
    {
        var file = FileOf(node);
        var engine = await RunningEngine.StartEmpty(
            time,
            configure: options =>
            {
                (options.Cluster, options.TaskThreads) = (file, 1);
                configure?.Invoke(options);
            });
        await UntilServed(engine.Http, snapshot);
        return engine;
    }

    /// <summary>Starts a node as a process and waits until it serves a snapshot of the cluster's.</summary>
    public async Task<ServedProcess> StartProcess(string node, string snapshot)
    {
        var served = await ServedProcess.StartOver(
            Path(node), "--cluster", FileOf(node), "--poll-milliseconds", "50", "--task-threads", "1");
        using var client = new HttpClient { BaseAddress = served.Http };
        await UntilServed(client, snapshot);
        return served;
    }

    /// <summary>Waits until a node serves a snapshot.</summary>
    public static async Task UntilServed(HttpClient client, string snapshot)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!(await HealthOf(client, limit.Token)).Contains(
            $"\"snapshot_id\": \"{snapshot}\"", StringComparison.Ordinal))
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>What a running engine is in the cluster.</summary>
    public static ClusterNode NodeOf(RunningEngine engine) => engine.Parts.GetRequiredService<ClusterNode>();

    /// <summary>Waits until something holds.</summary>
    public static async Task Until(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!holds())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>What GET /health says, serving or not.</summary>
    public static async Task<string> HealthOf(HttpClient client, CancellationToken cancellation = default)
    {
        using var answer = await client.GetAsync("/health", cancellation);
        return await answer.Content.ReadAsStringAsync(cancellation);
    }

    public void Dispose() => _folder.Dispose();
}
