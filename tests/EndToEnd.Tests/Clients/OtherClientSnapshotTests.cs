using Engine.Protos.V1;
using Engine.Snapshots.Writing;
using Tests.Shared;
using static EndToEnd.Tests.Clients.OtherClients;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Clients;

/// <summary>The packages for Python and Node give no answer from an older snapshot than before.</summary>
public sealed class OtherClientSnapshotTests
{
    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task No_answer_is_older_than_one_before_until_all_engines_are_rolled_back(string language)
    {
        await using var late = await RunningEngine.Start(Of("2021-08-01T12:30:00"));
        await using var early = await RunningEngine.Start(Of("2021-08-01T12:30:00"));
        var old = late.Directory.ReadCurrent();
        var next = await early.PublishAndWait(Of("2021-08-02T12:30:00"));
        var names = new[] { late.GrpcAddress.Authority, early.GrpcAddress.Authority };
        var first = Users.First(user => FirstOf(user, names) == names[1]);
        Task<System.Diagnostics.Process> Start(bool refuses) => ScriptedClient.Start(language, new
        {
            @do = "recommend",
            addresses = Addresses(late, early),
            users = Users.Prepend(first),
            rounds = 10,
            pauses = true,
            refuseOlder = refuses,
            snapshot = old,
        });

        // A snapshot that the request names is what it gets.
        string[] all = [first, .. Users];
        using var client = await Start(refuses: false);
        Assert.Equal(all.Select(user => $"{user}\t{next} {old}"), await UntilPaused(client));
        using var strict = await Start(refuses: true);
        Assert.Equal(all.Select(user => $"{user}\t{next} {old}"), await UntilPaused(strict));

        await early.Snapshots.RollbackAsync(new RollbackSnapshotRequest());
        await client.StandardInput.WriteLineAsync();
        Assert.Equal(all.Select(user => $"{user}\t{old} {old}"), await UntilPaused(client));
        await strict.StandardInput.WriteLineAsync();
        Assert.Equal(all.Select(user => $"{user}\tUNAVAILABLE"), await UntilPaused(strict));
        client.StandardInput.Close();
        strict.StandardInput.Close();
        await Task.WhenAll(client.WaitForExitAsync(), strict.WaitForExitAsync());
    }

    [Theory]
    [ClientData("python")]
    [ClientData("node")]
    public async Task An_older_answer_that_was_on_its_way_is_asked_for_again(string language)
    {
        await using var engine = await SwappingEngine.Start();
        string[] addresses = [engine.Address];
        string[] users = [SwappingEngine.Early, Users[1]];
        var found = await ScriptedClient.Ask(
            language, new { @do = "early and late", addresses, users, refuseOlder = true });
        Assert.Equal([SwappingEngine.New, SwappingEngine.New, SwappingEngine.New], found);
    }

    private static SnapshotContent Of(string lastTime)
    {
        var content = RandomSnapshot.Content(seed: 1);
        return content with
        {
            Manifest = content.Manifest with { Scope = content.Manifest.Scope with { LastBehaviorTime = lastTime } },
        };
    }
}
