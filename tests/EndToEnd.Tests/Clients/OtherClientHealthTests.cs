using Engine.Server.Workspaces;
using Microsoft.Extensions.DependencyInjection;
using static EndToEnd.Tests.Clients.OtherClients;

namespace EndToEnd.Tests.Clients;

/// <summary>The packages for Python and Node watch the health of engines.</summary>
public sealed class OtherClientHealthTests
{
    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task An_engine_gets_no_calls_while_it_says_that_it_does_not_serve(string language)
    {
        await using var one = await RunningEngine.Start();
        await using var two = await RunningEngine.Start();
        using var client = await StartRounds(language, Addresses(one, two));
        await UntilPaused(client);
        var health = one.Parts.GetRequiredService<HealthBoard>();
        health.HoldBack();
        await UntilAsked(client, one, 0);
        health.Release();
        await UntilAsked(client, one, UsersOf(one, two));
        client.StandardInput.Close();
        await client.WaitForExitAsync();
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task A_lost_watch_is_begun_again_when_the_engine_is_back(string language)
    {
        var urls = $"grpc://127.0.0.1:{OwnPorts.Take()};http://127.0.0.1:0";
        var stopped = await RunningEngine.Start(configure: options => options.Urls = urls);
        await using var two = await RunningEngine.Start();
        using var client = await StartRounds(language, Addresses(stopped, two));
        await UntilPaused(client);
        await stopped.DisposeAsync();
        await Round(client);
        await using var back = await RunningEngine.Start(configure: options => options.Urls = urls);
        await UntilAsked(client, back, UsersOf(back, two));
        back.Parts.GetRequiredService<HealthBoard>().HoldBack();
        await UntilAsked(client, back, 0);
        client.StandardInput.Close();
        await client.WaitForExitAsync();
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task Engines_that_cannot_be_watched_are_used_and_asked_again_with_back_off(string language)
    {
        await using var watched = await RunningEngine.Start();
        await using var silent = await UnwatchedEngine.Start(refuses: false);
        await using var closed = await UnwatchedEngine.Start(refuses: true);
        string[] names = [watched.GrpcAddress.Authority, silent.Name, closed.Name];
        using var client = await StartRounds(language, names.Select(name => $"http://{name}"));
        await UntilPaused(client);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (silent.Watches < 2 || closed.Watches < 2)
        {
            await Task.Delay(20, limit.Token);
        }

        Assert.InRange(Math.Max(silent.Watches, closed.Watches), 2, 5);
        var before = (silent.Calls, closed.Calls);
        await Round(client);
        Assert.Equal(Users.Count(user => FirstOf(user, names) == silent.Name), silent.Calls - before.Item1);
        Assert.Equal(Users.Count(user => FirstOf(user, names) == closed.Name), closed.Calls - before.Item2);
        client.StandardInput.Close();
        await client.WaitForExitAsync();
    }
}
