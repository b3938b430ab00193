using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Cluster.Database;
using Engine.Snapshots;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clusters;

/// <summary>Snapshots that a node fetches from its peers, and peers that are none.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class PeerTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task A_file_that_is_deleted_after_it_was_verified_is_fetched_again()
    {
        using var cluster = await TestCluster.Create(server);
        await using var first = await cluster.Start("node1");
        await using var second = await cluster.Start("node2");
        var id = second.Directory.ReadCurrent()!;
        await TestCluster.Until(() => TestCluster.NodeOf(second).FleetOf("default").Current(null) == id);
        File.Delete(second.Directory.FilePath(id));
        await TestCluster.Until(() => File.Exists(second.Directory.FilePath(id)));
        Assert.Equal(
            await File.ReadAllBytesAsync(first.Directory.FilePath(id)),
            await File.ReadAllBytesAsync(second.Directory.FilePath(id)));
        await second.Recommender.RecommendAsync(new() { UserId = "user-1é", TopK = 3 });
    }

    [MariaDbFact]
    public async Task No_proxy_of_the_environment_sees_a_fetch_or_the_secret()
    {
        using var cluster = await TestCluster.Create(server);
        using var proxy = new SilentPeer("");
        var address = $"http://127.0.0.1:{proxy.Port}";
        var id = new SnapshotDirectory(cluster.Path("node1")).Publish(RandomSnapshot.Content(seed: 1));
        using var first = await Start(cluster, "node1");
        using var second = await Start(
            cluster, "node2", ("http_proxy", address), ("HTTP_PROXY", address), ("all_proxy", address));
        await IsFetched(cluster, "node2", id);
        Assert.Empty(proxy.Heard);
    }

    [MariaDbFact]
    public async Task A_peer_that_falls_silent_costs_its_time_and_the_next_one_is_asked()
    {
        using var cluster = await TestCluster.Create(server);
        using var silent = new SilentPeer("");
        using var stalled = new SilentPeer("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nfirst bytes");
        var id = new SnapshotDirectory(cluster.Path("node1")).Publish(RandomSnapshot.Content(seed: 1));
        using (var database = cluster.Open())
        {
            ClusterSchema.Ensure(database);
        }

        using var first = await Start(cluster, "node1");
        while (await cluster.Rows("SELECT served FROM engine_fleet WHERE served IS NOT NULL") is [])
        {
            await Task.Delay(50);
        }

        // The peers that the second node asks before the first one.
        await cluster.Execute(
            $"INSERT INTO engine_node VALUES ('shop', 'node00', 'http://127.0.0.1:{silent.Port}'), "
            + $"('shop', 'node01', 'http://127.0.0.1:{stalled.Port}')");
        var start = TimeProvider.System.GetTimestamp();
        using var second = await Start(cluster, "node2");
        await IsFetched(cluster, "node2", id);
        Assert.True(!silent.Heard.IsEmpty && !stalled.Heard.IsEmpty);

        // 20 s each; an HttpClient that nobody has told otherwise waits 100 s for one of them.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(115));
    }

    private static Task<ServedProcess> Start(
        TestCluster cluster, string node, params (string Name, string Value)[] environment) =>
        ServedProcess.StartOverIn(
            cluster.Path(node), environment, "--cluster", cluster.FileOf(node), "--poll-milliseconds", "50");

    private static Task IsFetched(TestCluster cluster, string node, string id) =>
        TestCluster.Until(() => File.Exists(new SnapshotDirectory(cluster.Path(node)).FilePath(id)));

    /// <summary>Accepts connections, may answer the beginning of something, and says nothing more.</summary>
    private sealed class SilentPeer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentBag<TcpClient> _clients = [];
        private readonly byte[] _answer;

        public SilentPeer(string answer)
        {
            _answer = Encoding.ASCII.GetBytes(answer);
            _listener.Start();
            _ = Accept();
        }

        public ConcurrentQueue<string> Heard { get; } = new();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose()
        {
            _listener.Dispose();
            foreach (var client in _clients)
            {
                client.Dispose();
            }
        }

        private async Task Accept()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync();
                    _clients.Add(client);
                    var buffer = new byte[1 << 12];
                    var length = await client.GetStream().ReadAsync(buffer);
                    Heard.Enqueue(Encoding.ASCII.GetString(buffer, 0, length));
                    await client.GetStream().WriteAsync(_answer);
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
