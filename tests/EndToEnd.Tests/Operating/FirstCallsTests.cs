using System.Net;
using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Warming;
using Engine.Server.Workspaces;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;

namespace EndToEnd.Tests.Operating;

/// <summary>The server calls itself before it is ready, and nobody sees these calls.</summary>
public sealed class FirstCallsTests
{
    // Kinds of requests, over gRPC and JSON, three times.
    private const int LeastCalls = 100;

    [Fact]
    public async System.Threading.Tasks.Task It_is_ready_after_every_kind_of_call_and_counts_them_apart()
    {
        await using var engine = await Started();
        var calls = engine.Parts.GetRequiredService<FirstCalls>();
        Assert.True(calls.Answered > LeastCalls);
        Assert.Empty(Counted(engine));
        await engine.Until("engine_requests_total{otel_scope_name=\"Engine.Server\",method=\"own\"", "/metrics");
        var workspace = engine.Parts.GetRequiredService<WorkspaceRegistry>().Get("");
        Assert.Empty(workspace.Recent.All);

        // Others are counted and sampled.
        await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
        Assert.Equal(["/engine.v1.Recommender/Recommend"], Counted(engine));
        Assert.Single(workspace.Recent.All);
    }

    [Fact]
    public async System.Threading.Tasks.Task With_keys_it_calls_with_one_of_its_own_that_nobody_can_use_afterwards()
    {
        await using var engine = await Started(root =>
        {
            var (_, id, hash) = ApiKey.Create();
            new KeyFile(KeyFile.PathOf(root, "")).Add(
                new StoredKey(id, "ada", hash, ["read"], ["*"], DateTimeOffset.UnixEpoch, null),
                DateTimeOffset.UnixEpoch);
        });
        Assert.True(engine.Parts.GetRequiredService<KeyRing>().IsOn);
        Assert.True(engine.Parts.GetRequiredService<FirstCalls>().Answered > LeastCalls);
        var keys = engine.Parts.GetRequiredService<KeyRing>();
        var lent = keys.Lend("test", ["read"], DateTimeOffset.UnixEpoch);
        Assert.Equal("test", keys.Find(lent)!.Name);
        keys.TakeBack();
        Assert.Null(keys.Find(lent));
        Assert.DoesNotContain(keys.All, key => key.Key.Name != "ada");
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" }));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async System.Threading.Tasks.Task Nobody_else_is_counted_apart()
    {
        await using var engine = await Started();
        engine.Http.DefaultRequestHeaders.Add(OwnCalls.Header, "0123456789ABCDEF0123456789ABCDEF");
        using var answer = await engine.Http.GetAsync("/v1/blocked");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["/engine.v1.Catalog/ListBlocked"], Counted(engine));
    }

    [Fact]
    public async System.Threading.Tasks.Task Without_a_snapshot_nothing_is_called()
    {
        await using var engine = await RunningEngine.StartEmpty();
        await engine.Parts.GetRequiredService<FirstCalls>().Done;
        Assert.Equal(0, engine.Parts.GetRequiredService<FirstCalls>().Answered);
        Assert.Null(engine.Parts.GetRequiredService<HealthBoard>().NotStarted);
    }

    [Fact]
    public void Every_method_of_the_recommender_has_a_first_request()
    {
        using var folder = new TemporaryFolder();
        using var snapshot = RandomSnapshot.Open(RandomSnapshot.Content(1), folder);
        var methods = FirstRequests.Of("default", snapshot, new(folder.Path)).Select(first => first.Method).ToHashSet();
        Assert.Equal(
            Recommender.Descriptor.Methods.Select(method => method.Name)
                .Except(["BatchRecommend", "SumAudience"]).Order(),
            methods.Order());
    }

    private static IEnumerable<string> Counted(RunningEngine engine) =>
        engine.Parts.GetRequiredService<ServerMetrics>().Board.Last(CallBoard.Minutes).Calls.Select(call => call.Method);

    private static async Task<RunningEngine> Started(Action<string>? prepare = null)
    {
        var engine = await RunningEngine.StartEmpty(configure: options =>
        {
            new Engine.Snapshots.SnapshotDirectory(options.Snapshots).Publish(RandomSnapshot.Content(1));
            prepare?.Invoke(options.Snapshots);
        });
        await engine.Parts.GetRequiredService<FirstCalls>().Done;
        return engine;
    }
}
