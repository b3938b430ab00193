using System.Diagnostics;
using Engine.Client.Balancing;
using Engine.Protos.V1;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clients;

/// <summary>What tests of the packages for Python and Node share.</summary>
internal static class OtherClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Those of the random snapshot.</summary>
    public static string[] Users { get; } = [.. Enumerable.Range(0, 40).Select(user => $"user-{user:x}é")];

    public static void IsAnswered(string line)
    {
        var fields = line.Split('\t');
        Assert.True(fields[1].Split(' ') is { Length: 3 } products && products.All(id => id.StartsWith('P')), line);
    }

    public static async Task<List<string>> UntilPaused(Process client)
    {
        var lines = new List<string>();
        while (await client.StandardOutput.ReadLineAsync() is { } line && line != "paused")
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>Starts a client that asks for all users in each round.</summary>
    /// <param name="language">python or node.</param>
    /// <param name="addresses">Of the engines, or one for all of them.</param>
    /// <param name="dns">The file with the addresses of that name.</param>
    public static Task<Process> StartRounds(string language, IEnumerable<string> addresses, string? dns = null)
    {
        // More rounds than fit into the patience of a test.
        const int Rounds = 10_000;
        return dns is null
            ? ScriptedClient.Start(
                language, new { @do = "recommend", addresses, users = Users, rounds = Rounds, pauses = true })
            : ScriptedClient.Start(
                language, new { @do = "recommend", addresses, dns, users = Users, rounds = Rounds, pauses = true });
    }

    /// <summary>Rounds until one in which an engine got so many calls. All calls of all rounds are answered.</summary>
    public static async Task UntilAsked(Process client, RunningEngine engine, long calls)
    {
        using var limit = new CancellationTokenSource(Patience);
        for (var last = -1L; last != calls;)
        {
            Assert.False(limit.IsCancellationRequested, $"{engine.GrpcAddress} got {last} calls, expected {calls}");
            await Task.Delay(50);
            var before = await Asked(engine);
            await Round(client);
            last = await Asked(engine) - before;
        }
    }

    /// <summary>One more round; all its calls are answered.</summary>
    public static async Task Round(Process client)
    {
        await client.StandardInput.WriteLineAsync();
        var answers = await UntilPaused(client);
        Assert.Equal(Users.Length, answers.Count);
        Assert.All(answers, IsAnswered);
    }

    public static string[] Addresses(params RunningEngine[] engines) =>
        [.. engines.Select(engine => $"http://{engine.GrpcAddress.Authority}")];

    public static string FirstOf(string user, IEnumerable<string> names, string workspace = "default") =>
        names.MaxBy(name => RendezvousOrder.Weight(RendezvousOrder.UserHash(workspace, user), name))!;

    /// <summary>How many users the first of two engines has.</summary>
    public static long UsersOf(RunningEngine one, RunningEngine two)
    {
        string[] names = [one.GrpcAddress.Authority, two.GrpcAddress.Authority];
        return Users.Count(user => FirstOf(user, names) == names[0]);
    }

    // How often an engine was asked to recommend, as it says itself.
    public static async Task<long> Asked(RunningEngine engine, string key = "")
    {
        var traffic = await new Admin.AdminClient(engine.Channel).DescribeTrafficAsync(
            new DescribeTrafficRequest { Minutes = 60 },
            key.Length == 0 ? [] : new Metadata { { "authorization", $"Bearer {key}" } });
        return traffic.Calls.Where(call => call.Call == "/engine.v1.Recommender/Recommend").Sum(call => call.Calls);
    }
}
