using System.Net;
using System.Net.Sockets;
using EndToEnd.Tests.Access;
using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Client;
using Engine.Client.Balancing;
using Engine.Client.Calls;
using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Snapshots.Writing;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clients;

/// <summary>The .NET client package against real engines on loopback.</summary>
public sealed class EngineClientTests
{
    private static readonly string[] Users = [.. Enumerable.Range(0, 40).Select(user => $"user-{user:x}é")];

    [Fact]
    public async Task Users_spread_over_the_engines_and_each_stays_with_its_own()
    {
        await using var first = await RunningEngine.Start();
        await using var second = await RunningEngine.Start();
        await using var third = await RunningEngine.Start();
        var engines = new[] { first, second, third };
        var sent = new CountedCalls();
        using var client = Client(sent, engines);
        await Connected(client, sent, engines.Length);
        var before = Copy(sent);
        for (var round = 0; round < 3; round++)
        {
            foreach (var user in Users)
            {
                Assert.Equal(3, (await Ask(client, user)).Products.Count);
            }
        }

        var names = engines.Select(engine => engine.GrpcAddress.Authority).ToArray();
        var expected = names.ToDictionary(name => name, name => 3 * Users.Count(user => name == FirstOf(user, names)));
        Assert.Equal(
            expected, names.ToDictionary(name => name, name => sent.Sent[name] - before.GetValueOrDefault(name)));
        Assert.All(expected.Values, count => Assert.True(count > 0));
    }

    [Fact]
    public async Task A_killed_engine_is_left_and_no_read_fails()
    {
        using var killed = await ServedProcess.Start();
        await using var other = await RunningEngine.Start();
        var sent = new CountedCalls();
        using var client = new EngineClient(new EngineClientOptions
        {
            Addresses = [Address(killed.Grpc), Address(other.GrpcAddress)],
            Around = sent.Around,
        });
        await Connected(client, sent, 2);
        await killed.Kill();
        for (var round = 0; round < 3; round++)
        {
            foreach (var user in Users)
            {
                Assert.Equal(3, (await Ask(client, user)).Products.Count);
            }
        }

        // Once the connection is known to be lost, nothing is sent there.
        var before = sent.Sent[killed.Grpc.Authority];
        await Task.WhenAll(Users.Select(user => Ask(client, user)));
        Assert.Equal(before, sent.Sent[killed.Grpc.Authority]);
    }

    [Fact]
    public async Task Retries_end_when_their_budget_is_spent()
    {
        await using var empty = await RunningEngine.StartEmpty();
        await using var other = await RunningEngine.StartEmpty();
        var sent = new CountedCalls();
        using var client = Client(sent, empty, other);
        foreach (var user in Users)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => Ask(client, user));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        }

        // The budget of ten: so many attempts beyond the first of each call, less those that ended a call.
        Assert.InRange(sent.Total, Users.Length + 1, Users.Length + 10);
        Assert.True(sent.Sent.Count == 2, "a retry goes to the other engine");
    }

    [Fact]
    public async Task A_retry_goes_to_an_engine_that_the_call_has_not_asked()
    {
        await using var one = await RunningEngine.StartEmpty();
        await using var two = await RunningEngine.StartEmpty();
        var sent = new CountedCalls();
        using var client = new EngineClient(new EngineClientOptions
        {
            Addresses = [Address(one.GrpcAddress), Address(two.GrpcAddress)],
            RetryBudget = 500,
            Around = sent.Around,
        });
        await Connected(client, sent, 2);
        var before = Copy(sent);
        await Assert.ThrowsAsync<RpcException>(() => Ask(client, Users[0]));
        Assert.Equal([1, 2], sent.Sent.Select(engine => engine.Value - before[engine.Key]).Order());
    }

    [Fact]
    public async Task A_wrong_key_and_a_wrong_request_are_not_sent_again()
    {
        await using var engine = await RunningEngine.Start(
            configure: Keys.With(root => Keys.Add(root, "shop", ["read"])));
        var sent = new CountedCalls();
        using var client = new EngineClient(new EngineClientOptions
        {
            Addresses = [Address(engine.GrpcAddress)],
            Key = "engine_wrong",
            Around = sent.Around,
        });
        var refused = await Assert.ThrowsAsync<RpcException>(() => Ask(client, Users[0]));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Equal(1, sent.Total);

        using var known = new EngineClient(new EngineClientOptions
        {
            Addresses = [Address(engine.GrpcAddress)],
            Key = Keys.Add(engine.Root, "other", ["read"]),
            Around = sent.Around,
        });
        engine.Reload();
        Assert.Equal(3, (await Ask(known, Users[0])).Products.Count);
        Assert.Equal(2, sent.Total);
        refused = await Assert.ThrowsAsync<RpcException>(() => Ask(known, "nobody"));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        Assert.Equal(3, sent.Total);
    }

    [Fact]
    public async Task A_hedged_read_is_answered_although_the_users_engine_is_silent()
    {
        await using var engine = await RunningEngine.Start();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        var names = new[] { address, engine.GrpcAddress.Authority };
        var stuck = Users.Where(user => FirstOf(user, names) == address).ToArray();
        Assert.NotEmpty(stuck);
        var sent = new CountedCalls();
        using var client = new EngineClient(new EngineClientOptions
        {
            Addresses = [$"http://{address}", Address(engine.GrpcAddress)],
            HedgeAfter = TimeSpan.FromMilliseconds(20),
            Deadline = TimeSpan.FromMinutes(1),
            Around = sent.Around,
        });
        await Connected(client, sent, 2);
        await Task.WhenAll(stuck.Select(async user => Assert.Equal(3, (await Ask(client, user)).Products.Count)));
        Assert.True(sent.Sent.ContainsKey(address), "the silent engine was asked first");
    }

    [Fact]
    public void Exactly_the_calls_that_change_nothing_are_safe_to_repeat_and_events_by_their_batch()
    {
        var safe = SafeCalls.Configure(attempts: 3, budget: 10, successesPerRetry: 10, hedgeAfter: null).MethodConfigs
            .SelectMany(method => method.Names).Select(name => $"/{name.Service}/{name.Method}");
        var unchanged = AccessTable.Rules.Values
            .Where(rule => rule.Call.StartsWith("/engine.v1.", StringComparison.Ordinal) && !rule.Changes)
            .Select(rule => rule.Call);
        Assert.Equal(unchanged.Order(StringComparer.Ordinal), safe.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Encryption_is_checked_against_the_own_authority()
    {
        using var folder = new TemporaryFolder();
        using var authority = new TestAuthority("own");
        using var stranger = new TestAuthority("stranger");
        authority.Issue(folder.Path, "127.0.0.1", 10);
        var files = new[] { authority, stranger }.Select((one, i) =>
        {
            var file = Path.Combine(folder.Path, $"authority-{i}.pem");
            File.WriteAllText(file, one.Pem);
            return file;
        }).ToArray();
        await using var engine = await RunningEngine.Start(configure: options =>
        {
            options.Urls += ";https://127.0.0.1:0";
            options.Access.TlsCertificate = Path.Combine(folder.Path, "server.pem");
            options.Access.TlsKey = Path.Combine(folder.Path, "server.key");
        });
        var address = $"https://{engine.Parts.Endpoint().Authority}";
        using var client = new EngineClient(new EngineClientOptions { Addresses = [address], Authority = files[0] });
        Assert.Equal(3, (await Ask(client, Users[0])).Products.Count);
        using var deceived = new EngineClient(new EngineClientOptions { Addresses = [address], Authority = files[1] });
        var refused = await Assert.ThrowsAsync<RpcException>(() => Ask(deceived, Users[0]));
        Assert.Contains("certificate", $"{refused.Status.DebugException}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task No_answer_is_older_than_one_before_until_all_engines_are_rolled_back()
    {
        await using var late = await RunningEngine.Start(Of("2021-08-01T12:30:00"));
        await using var early = await RunningEngine.Start(Of("2021-08-01T12:30:00"));
        var old = late.Directory.ReadCurrent();
        var next = await early.PublishAndWait(Of("2021-08-02T12:30:00"));
        var sent = new CountedCalls();
        using var client = Client(sent, late, early);
        await Connected(client, sent, 2);
        var names = new[] { late.GrpcAddress.Authority, early.GrpcAddress.Authority };
        var ofEarly = Users.First(user => FirstOf(user, names) == names[1]);
        Assert.Equal(next, (await Ask(client, ofEarly)).SnapshotId);
        foreach (var user in Users)
        {
            Assert.Equal(next, (await Ask(client, user)).SnapshotId);
        }

        // A snapshot that the request names is what it gets.
        var named = new RecommendRequest { UserId = ofEarly, SnapshotId = old, TopK = 3 };
        Assert.Equal(old, (await client.Recommender.RecommendAsync(named)).SnapshotId);

        await early.Snapshots.RollbackAsync(new RollbackSnapshotRequest());
        using var strict = new EngineClient(new EngineClientOptions
        {
            Addresses = [Address(late.GrpcAddress), Address(early.GrpcAddress)],
            RefuseOlder = true,
        });
        Assert.Equal(old, (await Ask(client, ofEarly)).SnapshotId);
        Assert.Equal(old, (await Ask(strict, ofEarly)).SnapshotId);
        await early.Snapshots.RollbackAsync(new RollbackSnapshotRequest());
        Assert.Equal(next, (await Ask(strict, ofEarly)).SnapshotId);
        await early.Snapshots.RollbackAsync(new RollbackSnapshotRequest());
        var refused = await Assert.ThrowsAsync<RpcException>(() => Ask(strict, ofEarly));
        Assert.Contains("older snapshot", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_answer_that_was_on_its_way_is_asked_for_again()
    {
        await using var engine = await SwappingEngine.Start();
        using var client = new EngineClient(new EngineClientOptions
        {
            Addresses = [engine.Address],
            RefuseOlder = true,
        });
        var first = Ask(client, SwappingEngine.Early);
        Assert.Equal(SwappingEngine.New, (await Ask(client, Users[1])).SnapshotId);
        Assert.Equal(SwappingEngine.New, (await Ask(client, Users[1])).SnapshotId);
        Assert.Equal(SwappingEngine.New, (await first).SnapshotId);
    }

    [Fact]
    public async Task Events_of_a_batch_without_an_id_get_one()
    {
        await using var engine = await RunningEngine.Start();
        using var client = new EngineClient(new EngineClientOptions { Addresses = [Address(engine.GrpcAddress)] });
        var put = new PutEventsRequest
        {
            Events =
            {
                new Event
                {
                    UserId = Users[0], ProductId = "P1", Type = EventType.Purchase, Time = "2021-08-02T10:00:00",
                },
            },
        };
        var reply = await client.Events.PutAsync(put);
        Assert.Equal((1, 0), (reply.AcceptedCount, reply.Refused.Count));
        Assert.Equal("", put.BatchId);
        Assert.Equal(1, (await Ask(client, Users[0])).EventCount);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1:1", "", "expected http://HOST:PORT")]
    [InlineData("http://192.0.2.1:50051", "engine_key", "expected https, or loopback")]
    [InlineData("http://127.0.0.1:1/path", "", "expected http://HOST:PORT")]
    public void Options_are_checked(string address, string key, string expected)
    {
        var wrong = Assert.Throws<ArgumentException>(
            () => new EngineClient(new EngineClientOptions { Addresses = [address], Key = key }));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
    }

    private static SnapshotContent Of(string lastTime)
    {
        var content = RandomSnapshot.Content(seed: 1);
        return content with
        {
            Manifest = content.Manifest with { Scope = content.Manifest.Scope with { LastBehaviorTime = lastTime } },
        };
    }

    private static EngineClient Client(CountedCalls sent, params RunningEngine[] engines) => new(new EngineClientOptions
    {
        Addresses = [.. engines.Select(engine => Address(engine.GrpcAddress))],
        Around = sent.Around,
    });

    private static async Task<RecommendReply> Ask(EngineClient client, string user) =>
        await client.Recommender.RecommendAsync(new RecommendRequest { UserId = user, TopK = 3 });

    private static string Address(Uri uri) => $"http://{uri.Authority}";

    private static string FirstOf(string user, IEnumerable<string> names) =>
        names.MaxBy(name => RendezvousOrder.Weight(RendezvousOrder.UserHash("default", user), name))!;

    private static Dictionary<string, int> Copy(CountedCalls sent) => new(sent.Sent);

    // Calls about nobody go to every engine in turn: they show when all have a connection.
    private static async Task Connected(EngineClient client, CountedCalls sent, int engines)
    {
        await client.Connect();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (sent.Sent.Count < engines)
        {
            using var turn = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await client.Recommender.RelatedProductsAsync(
                    new RelatedProductsRequest { ProductId = "P1" }, cancellationToken: turn.Token);
            }
            catch (RpcException) when (!limit.IsCancellationRequested)
            {
                // One that is silent.
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
