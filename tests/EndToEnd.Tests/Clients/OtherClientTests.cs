using System.Net;
using System.Net.Sockets;
using EndToEnd.Tests.Access;
using EndToEnd.Tests.Adb;
using EndToEnd.Tests.Operating;
using Engine.Client.Calls;
using Engine.Protos.V1;
using Engine.Snapshots;
using Grpc.Core;
using Tests.Shared;
using static EndToEnd.Tests.Clients.OtherClients;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clients;

/// <summary>The packages for Python and Node against real engines: the habits of the .NET client.</summary>
public sealed class OtherClientTests
{
    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Answers_are_those_of_the_engine_and_each_user_has_the_same_engine_as_in_dotnet(string language)
    {
        await using var first = await RunningEngine.Start();
        await using var second = await RunningEngine.Start();
        await using var third = await RunningEngine.Start();
        var engines = new[] { first, second, third };
        var lines = await ScriptedClient.Ask(
            language, new { @do = "recommend", addresses = Addresses(engines), users = Users, rounds = 2 });
        var names = engines.Select(engine => engine.GrpcAddress.Authority).ToArray();
        foreach (var engine in engines)
        {
            var expected = 2 * Users.Count(user => FirstOf(user, names) == engine.GrpcAddress.Authority);
            Assert.True(expected > 0);
            Assert.Equal(expected, await Asked(engine));
        }

        var answers = await Task.WhenAll(Users.Select(async user =>
        {
            var reply = await first.Recommender.RecommendAsync(new RecommendRequest { UserId = user, TopK = 3 });
            return $"{user}\t{string.Join(' ', reply.Products.Select(product => product.ProductId))}";
        }));
        Assert.Equal(answers.Concat(answers), lines);
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_killed_engine_is_left_and_no_read_fails(string language)
    {
        using var killed = await ServedProcess.Start();
        await using var other = await RunningEngine.Start();
        using var client = await ScriptedClient.Start(language, new
        {
            @do = "recommend",
            addresses = new[] { $"http://{killed.Grpc.Authority}", $"http://{other.GrpcAddress.Authority}" },
            users = Users,
            rounds = 2,
            pauses = true,
        });
        Assert.All(await UntilPaused(client), IsAnswered);
        await killed.Kill();
        await client.StandardInput.WriteLineAsync();
        var answers = await UntilPaused(client);
        client.StandardInput.Close();
        Assert.Equal(Users.Length, answers.Count);
        Assert.All(answers, IsAnswered);
        await client.WaitForExitAsync();
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Engines_that_stop_under_load_fail_no_call(string language)
    {
        using var atOnce = await ServedProcess.Start("--drain-seconds", "0", "--stop-seconds", "60");
        using var later = await ServedProcess.Start("--drain-seconds", "2", "--stop-seconds", "60");
        await using var other = await RunningEngine.Start();
        var addresses =
            new[] { atOnce.Grpc, later.Grpc, other.GrpcAddress }.Select(one => $"http://{one.Authority}").ToArray();
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartRounds(language, addresses)));
        foreach (var client in clients)
        {
            Assert.All(await UntilPaused(client), IsAnswered);
        }

        foreach (var engine in new[] { atOnce, later })
        {
            await engine.Signal();
            var ended = engine.End();
            await Task.WhenAll(clients.Select(async client =>
            {
                while (!ended.IsCompleted)
                {
                    await Round(client);
                }

                await Round(client);
            }));
            Assert.Equal(0, await ended);
        }

        foreach (var client in clients)
        {
            client.StandardInput.Close();
            await client.WaitForExitAsync();
            client.Dispose();
        }
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_retry_goes_to_the_users_next_engine_although_the_lost_one_is_left_out(string language)
    {
        await using var one = await RunningEngine.Start();
        await using var two = await RunningEngine.Start();
        string[] names = [one.GrpcAddress.Authority, two.GrpcAddress.Authority, "127.0.0.1:1"];
        var user = Users.First(user => FirstOf(user, names) == names[2]);
        var isOne = FirstOf(user, names[..2]) == names[0];
        IsAnswered((await ScriptedClient.Ask(language, new
        {
            @do = "recommend",
            addresses = names.Select(name => $"http://{name}"),
            users = new[] { user },
        })).Single());
        Assert.Equal(isOne ? (1, 0) : (0, 1), (await Asked(one), await Asked(two)));
    }

    [Theory]
    [ClientData("node")]
    public async Task A_client_that_is_closed_while_a_retry_waits_fails_the_call_alone(string language)
    {
        // Nobody listens there: the second attempt waits when the client is closed.
        string[] nobody = ["http://127.0.0.1:1", "http://127.0.0.1:2"];
        Assert.Single(await ScriptedClient.Ask(
            language, new { @do = "close", addresses = nobody, users = Users, afterMilliseconds = 60 }));
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_stream_is_not_tried_again_when_its_time_would_be_over(string language)
    {
        string[] nobody = ["http://127.0.0.1:1", "http://127.0.0.1:2"];
        Assert.Equal(
            ["UNAVAILABLE"],
            await ScriptedClient.Ask(language, new { @do = "stream to nobody", addresses = nobody }));
    }

    [Theory]
    [ClientData("node")]
    public async Task Streams_that_are_refused_are_told_so_each_time(string language)
    {
        await using var engine = await RunningEngine.Start();
        var lines = await ScriptedClient.Ask(
            language, new { @do = "refused streams", addresses = Addresses(engine), rounds = 20 });
        Assert.Equal(Enumerable.Repeat("NOT_FOUND", 20), lines);
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Retries_end_when_their_budget_is_spent(string language)
    {
        await using var empty = await RunningEngine.StartEmpty();
        await using var other = await RunningEngine.StartEmpty();
        var lines = await ScriptedClient.Ask(
            language, new { @do = "recommend", addresses = Addresses(empty, other), users = Users });
        Assert.Equal(Users.Select(user => $"{user}\tUNAVAILABLE"), lines);
        var sent = (await Asked(empty), await Asked(other));
        Assert.InRange(sent.Item1 + sent.Item2, Users.Length + 1, Users.Length + 10);
        Assert.True(sent.Item1 > 0 && sent.Item2 > 0, "a retry goes to the other engine");
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Refused_saves_spend_no_retry_of_reads_and_leave_the_engine_in_use(string language)
    {
        // Both serve, one of them has nothing in that workspace.
        await using var empty = await RunningEngine.Start(configure: options =>
            Directory.CreateDirectory(Path.Combine(options.Snapshots, "shop", "pools")));
        await using var full = await RunningEngine.Start(configure: options =>
            new SnapshotDirectory(options.Snapshots, "shop").Publish(RandomSnapshot.Content(seed: 1)));
        string[] names = [empty.GrpcAddress.Authority, full.GrpcAddress.Authority];
        var lines = await ScriptedClient.Ask(language, new
        {
            @do = "saves",
            addresses = Addresses(empty, full),
            workspace = "shop",
            users = new[] { Users.First(user => FirstOf(user, names, "shop") == names[0]) },
            rounds = 60,
        });
        Assert.InRange(lines.Count(line => line == "UNAVAILABLE"), 15, 59);
        IsAnswered($"\t{lines[^1]}");
        Assert.Equal((1, 1), (await Asked(empty), await Asked(full)));
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_wrong_key_and_an_unknown_user_are_not_sent_again(string language)
    {
        // A key needs no encryption on any loopback address.
        var key = "";
        await using var engine = await RunningEngine.Start(configure: options =>
        {
            Keys.With(root => key = Keys.Add(root, "shop", ["read"], ["*"]))(options);
            options.Urls = "grpc://127.0.0.2:0;http://127.0.0.1:0";
        });
        Task<string[]> Ask(string with, string user) => ScriptedClient.Ask(
            language, new { @do = "recommend", addresses = Addresses(engine), key = with, users = new[] { user } });
        Assert.Equal("user-1é\tUNAUTHENTICATED", Assert.Single(await Ask("engine_wrong", "user-1é")));
        Assert.Equal("nobody\tNOT_FOUND", Assert.Single(await Ask(key, "nobody")));
        IsAnswered((await Ask(key, "user-1é")).Single());
        Assert.Equal(3, await Asked(engine, key));
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_timeout_of_a_call_replaces_the_deadline_also_when_it_is_zero(string language)
    {
        await using var engine = await RunningEngine.Start();
        Task<string[]> Ask(int seconds) => ScriptedClient.Ask(
            language,
            new { @do = "recommend", addresses = Addresses(engine), users = Users[..1], timeoutSeconds = seconds });
        IsAnswered((await Ask(60)).Single());
        Assert.Equal($"{Users[0]}\tDEADLINE_EXCEEDED", Assert.Single(await Ask(0)));
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_hedged_read_is_answered_although_the_users_engine_is_silent(string language)
    {
        await using var engine = await RunningEngine.Start();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        var names = new[] { address, engine.GrpcAddress.Authority };
        var stuck = Users.Where(user => FirstOf(user, names) == address).ToArray();
        Assert.NotEmpty(stuck);
        var lines = await ScriptedClient.Ask(language, new
        {
            @do = "recommend",
            addresses = names.Select(name => $"http://{name}"),
            users = stuck,
            hedgeMilliseconds = 20,
        });
        Assert.Equal(stuck.Length, lines.Length);
        Assert.All(lines, IsAnswered);
        Assert.True(silent.Pending(), "the users' own engine was asked first");
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Encryption_is_checked_against_the_own_authority(string language)
    {
        using var folder = new TemporaryFolder();
        using var authority = new TestAuthority("own");
        using var stranger = new TestAuthority("stranger");
        authority.Issue(folder.Path, "127.0.0.1", 10);
        await using var engine = await RunningEngine.Start(configure: options =>
        {
            options.Urls += ";https://127.0.0.1:0";
            options.Access.TlsCertificate = Path.Combine(folder.Path, "server.pem");
            options.Access.TlsKey = Path.Combine(folder.Path, "server.key");
        });
        Task<string[]> Ask(TestAuthority trusted) => ScriptedClient.Ask(language, new
        {
            @do = "recommend",
            addresses = new[] { $"https://{engine.Parts.Endpoint().Authority}" },
            authority = folder.Write("authority.pem", trusted.Pem),
            users = new[] { "user-1é" },
        });
        IsAnswered((await Ask(authority)).Single());
        Assert.Equal("user-1é\tUNAVAILABLE", Assert.Single(await Ask(stranger)));
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task The_same_calls_are_safe_to_repeat_as_in_dotnet(string language)
    {
        var expected = SafeCalls.Configure(attempts: 3, budget: 10, successesPerRetry: 10, hedgeAfter: null)
            .MethodConfigs.SelectMany(method => method.Names).Select(name => $"/{name.Service}/{name.Method}");
        var found = await ScriptedClient.Ask(language, new { @do = "safe" });
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Streams_are_read_and_a_batch_of_events_without_an_id_gets_one(string language)
    {
        await using var engine = await RunningEngine.Start();
        var ranked = await ScriptedClient.Ask(
            language, new { @do = "stream", addresses = Addresses(engine), product = "P1", top = 7 });
        using var stream = engine.Recommender.RankUsers(new RankUsersRequest { ProductId = "P1", TopK = 7 });
        var expected = new List<string>();
        await foreach (var block in stream.ResponseStream.ReadAllAsync())
        {
            expected.AddRange(block.Users.Select(user => user.UserId));
        }

        Assert.Equal(expected, ranked);
        var accepted = await ScriptedClient.Ask(language, new
        {
            @do = "event",
            addresses = Addresses(engine),
            users = new[] { Users[0] },
            product = "P1",
            time = "2021-08-02T10:00:00",
        });
        Assert.Equal("1 0", Assert.Single(accepted));
        var reply = await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = Users[0], TopK = 3 });
        Assert.Equal(1, reply.EventCount);
    }
}
