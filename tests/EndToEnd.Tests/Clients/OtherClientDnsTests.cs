using EndToEnd.Tests.Access;
using EndToEnd.Tests.Adb;
using Engine.Protos.V1;
using Tests.Shared;
using static EndToEnd.Tests.Clients.OtherClients;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clients;

/// <summary>
/// The packages for Python and Node with one name for several engines. The script answers for DNS, from a file.
/// </summary>
public sealed class OtherClientDnsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Engines_come_and_go_with_the_addresses_of_their_name(string language)
    {
        var port = OwnPorts.Take();
        await using var one = await At($"127.0.0.1:{port}");
        await using var two = await At($"127.0.0.2:{port}");
        await using var three = await At($"127.0.0.3:{port}");
        var answers = _folder.Write("dns", "127.0.0.1\n127.0.0.2\n");
        using var client = await StartRounds(language, [$"http://engines.test:{port}"], answers);
        Assert.All(await UntilPaused(client), IsAnswered);
        Assert.Equal(
            (UsersOf(one, two), UsersOf(two, one), 0), (await Asked(one), await Asked(two), await Asked(three)));
        _folder.Write("dns", "127.0.0.2\n127.0.0.3\n");
        await UntilAsked(client, three, UsersOf(three, two));
        await UntilAsked(client, one, 0);

        // While DNS has no answer, the addresses before stay.
        File.Delete(answers);
        await Task.Delay(TimeSpan.FromSeconds(3));
        await UntilAsked(client, three, UsersOf(three, two));
        client.StandardInput.Close();
        await client.WaitForExitAsync();
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task The_certificate_and_the_allowed_hosts_must_have_the_name_and_not_the_address(string language)
    {
        using var authority = new TestAuthority("own");
        authority.Issue(_folder.Path, "*.engines.test", 10);
        await using var engine = await RunningEngine.Start(configure: options =>
        {
            options.Urls += ";https://127.0.0.1:0";
            options.Access.TlsCertificate = Path.Combine(_folder.Path, "server.pem");
            options.Access.TlsKey = Path.Combine(_folder.Path, "server.key");
            options.Access.AllowedHosts = ["all.engines.test"];
        });
        Task<string[]> Ask(string name) => ScriptedClient.Ask(language, new
        {
            @do = "recommend",
            addresses = new[] { $"https://{name}:{engine.Parts.Endpoint().Port}" },
            dns = _folder.Write("dns", "127.0.0.1"),
            authority = _folder.Write("authority.pem", authority.Pem),
            users = new[] { Users[0] },
        });
        IsAnswered((await Ask("all.engines.test")).Single());
        Assert.Equal($"{Users[0]}\tPERMISSION_DENIED", Assert.Single(await Ask("none.engines.test")));
        Assert.Equal($"{Users[0]}\tUNAVAILABLE", Assert.Single(await Ask("others.test")));
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_connection_that_is_lost_while_DNS_answers_lets_it_be_asked_again(string language) =>
        Assert.Equal("2", Assert.Single(await ScriptedClient.Ask(language, new { @do = "ask again" })));

    [Theory]
    [ClientData("python")]
    public async Task Engines_that_DNS_names_after_the_end_are_not_opened(string language)
    {
        var rows = await ScriptedClient.Ask(language, new { @do = "answer late" });

        // Its time is over when the name itself is asked: gRPC finds that, or that the name has no address, first.
        Assert.Contains(rows[0], new[] { "DEADLINE_EXCEEDED", "UNAVAILABLE" });
        Assert.Equal(["0"], rows[1..]);
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_name_that_no_host_can_have_is_unavailable_and_not_late(string language) => Assert.Equal(
        $"{Users[0]}\tUNAVAILABLE",
        Assert.Single(await ScriptedClient.Ask(language, new
        {
            @do = "recommend",
            addresses = new[] { "http://engines..test:1" },
            useDns = true,
            users = new[] { Users[0] },
        })));

    [Theory]
    [ClientData("node")]
    public async Task A_client_of_streams_alone_asks_DNS_too(string language)
    {
        var port = OwnPorts.Take();
        await using var one = await At($"127.0.0.1:{port}");
        await using var two = await At($"127.0.0.2:{port}");
        var rows = await ScriptedClient.Ask(language, new
        {
            @do = "streams",
            addresses = new[] { $"http://engines.test:{port}" },
            dns = _folder.Write("dns", "127.0.0.1\n127.0.0.2\n"),
            users = Users,
            rounds = 30,
        });
        Assert.Equal(Enumerable.Repeat("1", 30), rows);
        Assert.All(await Task.WhenAll(Batches(one), Batches(two)), calls => Assert.True(calls > 0));

        static async Task<long> Batches(RunningEngine engine) =>
            (await new Admin.AdminClient(engine.Channel).DescribeTrafficAsync(new() { Minutes = 60 })).Calls
                .Where(call => call.Call == "/engine.v1.Recommender/BatchRecommend").Sum(call => call.Calls);
    }

    private static Task<RunningEngine> At(string address) => RunningEngine.Start(configure: options =>
    {
        options.Urls = $"grpc://{address};http://127.0.0.1:0";
        options.Access.AllowedHosts = ["engines.test"];
    });
}
