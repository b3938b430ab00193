using Engine.Protos.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>The exchange of snapshots under a running server.</summary>
public sealed class SwapTests
{
    private const int Clients = 6;
    private const int Swaps = 25;
    private static readonly string[] Users = [.. Enumerable.Range(0, 40).Select(user => $"user-{user:x}é")];

    [Fact]
    public async System.Threading.Tasks.Task Under_load_no_request_fails_and_every_answer_is_wholly_one_snapshots()
    {
        await using var engine = await RunningEngine.Start();
        var first = await Served(engine);
        var expected = new Dictionary<string, RecommendReply[]> { [first] = await Answers(engine) };
        var second = await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        expected[second] = await Answers(engine);
        Assert.NotEqual(expected[first][0].Products, expected[second][0].Products);

        using var done = new CancellationTokenSource();
        var clients = Enumerable
            .Range(0, Clients)
            .Select(client => System.Threading.Tasks.Task.Run(() => Load(engine, expected, client, done.Token)))
            .ToArray();
        for (var swap = 0; swap < Swaps; swap++)
        {
            // By both ways: the call, and CURRENT as a trainer moves it.
            var next = swap % 2 == 0 ? first : second;
            if (swap % 3 == 0)
            {
                await engine.Snapshots.ActivateAsync(new ActivateSnapshotRequest { SnapshotId = next });
            }
            else
            {
                engine.Directory.Activate(next);
                await engine.Until($"\"snapshot_id\": \"{next}\"", "/health");
            }
        }

        await done.CancelAsync();
        var answered = await System.Threading.Tasks.Task.WhenAll(clients);
        Assert.All(answered, count => Assert.True(count > Swaps));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_bad_snapshot_is_refused_and_health_and_metrics_say_why()
    {
        await using var engine = await RunningEngine.Start();
        var good = await Served(engine);
        var before = await Answers(engine);
        var bytes = await File.ReadAllBytesAsync(engine.Directory.FilePath(good));
        bytes[bytes.Length / 2] ^= 1;
        const string Bad = "20210802-n60-0badf00d";
        await File.WriteAllBytesAsync(engine.Directory.FilePath(Bad), bytes);
        engine.Directory.Activate(Bad);

        var health = await engine.Until("DEGRADED", "/health");
        Assert.Contains("is refused", health, StringComparison.Ordinal);
        Assert.Contains($"\"snapshot_id\": \"{good}\"", health, StringComparison.Ordinal);
        var metrics = await engine.Until("engine_snapshot_refusals_total{", "/metrics");
        Assert.Contains(
            "engine_snapshot_refused{otel_scope_name=\"Engine.Server\",workspace=\"default\"} 1",
            metrics,
            StringComparison.Ordinal);
        Assert.Contains(
            "engine_snapshot_refusals_total{otel_scope_name=\"Engine.Server\",workspace=\"default\"} 1",
            metrics,
            StringComparison.Ordinal);

        // GET /health looks; gRPC is told just after.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await Status(engine, "current/default") != HealthCheckResponse.Types.ServingStatus.NotServing)
        {
            await System.Threading.Tasks.Task.Delay(20, limit.Token);
        }

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await Status(engine, ""));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await Status(engine, "workspace/default"));

        var list = await engine.Snapshots.ListAsync(new ListSnapshotsRequest());
        Assert.Contains(
            list.Snapshots, snapshot => snapshot.SnapshotId == Bad && snapshot.Problem.Length > 0 && !snapshot.Active);
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await engine.Snapshots.ActivateAsync(new ActivateSnapshotRequest { SnapshotId = Bad }));
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Equal(before.Select(reply => reply.Products), (await Answers(engine)).Select(reply => reply.Products));

        // A sound one clears it.
        await engine.PublishAndWait(RandomSnapshot.Content(seed: 4));
        await engine.Until("\"status\": \"SERVING\"", "/health");
    }

    [Fact]
    public async System.Threading.Tasks.Task Activate_and_rollback_move_current()
    {
        await using var engine = await RunningEngine.Start();
        var first = await Served(engine);
        var second = await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        var checkedOnly = await engine.Snapshots.ActivateAsync(
            new ActivateSnapshotRequest { SnapshotId = first, ValidateOnly = true });
        Assert.Equal(second, checkedOnly.ActiveSnapshotId);
        var back = await engine.Snapshots.RollbackAsync(new RollbackSnapshotRequest());
        Assert.Equal((first, second), (back.ActiveSnapshotId, back.PreviousSnapshotId));
        Assert.Equal(first, engine.Directory.ReadCurrent());
        Assert.Equal(first, await Served(engine));
        var forth = await engine.Snapshots.ActivateAsync(new ActivateSnapshotRequest { SnapshotId = second });
        Assert.Equal((second, first), (forth.ActiveSnapshotId, forth.PreviousSnapshotId));
        Assert.Equal(second, await Served(engine));
    }

    private static async Task<int> Load(
        RunningEngine engine, Dictionary<string, RecommendReply[]> expected, int seed, CancellationToken done)
    {
        var recommender = engine.Recommender;
        var count = 0;
        for (var user = seed; !done.IsCancellationRequested; user = (user + 1) % Users.Length)
        {
            var reply = await recommender.RecommendAsync(
                new RecommendRequest { UserId = Users[user] }, cancellationToken: CancellationToken.None);
            Assert.Equal(expected[reply.SnapshotId][user].Products, reply.Products);
            count++;
        }

        return count;
    }

    private static async Task<RecommendReply[]> Answers(RunningEngine engine)
    {
        var replies = new List<RecommendReply>();
        foreach (var user in Users)
        {
            replies.Add(await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = user }));
        }

        return [.. replies];
    }

    private static async Task<string> Served(RunningEngine engine) =>
        (await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = Users[0] })).SnapshotId;

    private static async Task<HealthCheckResponse.Types.ServingStatus> Status(RunningEngine engine, string service) =>
        (await new Health.HealthClient(engine.Channel).CheckAsync(new HealthCheckRequest { Service = service })).Status;
}
