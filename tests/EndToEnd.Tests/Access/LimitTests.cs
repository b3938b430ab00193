using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Engine.Protos.V1;
using Google.Rpc;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>Limits of calls: by key, by kind, with a hint when to try again.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Heavy_calls_beyond_the_rate_wait_and_cheap_ones_and_other_keys_do_not()
    {
        var (crm, shop) = ("", "");
        await using var engine = await RunningEngine.Start(configure: Keys.With(
            root => (crm, shop) =
                (Keys.Add(root, "crm", ["read", "audience"]), Keys.Add(root, "shop", ["read", "audience"])),
            options => (options.Access.HeavyPerSecond, options.Access.HeavyAtOnce) = (1, 100)));
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await Score(engine, crm);
            }
        });
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("--heavy-per-second", refused.Status.Detail, StringComparison.Ordinal);
        var wait = refused.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan();
        Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" }, Header(crm));
        await Score(engine, shop);
    }

    [Fact]
    public async Task Heavy_calls_at_once_are_bounded_and_json_gets_429_with_retry_after()
    {
        var key = "";
        await using var engine = await RunningEngine.Start(configure: Keys.With(
            root => key = Keys.Add(root, "crm", ["read"]),
            options => (options.Access.HeavyPerSecond, options.Access.HeavyAtOnce) = (1_000, 1)));
        using var open = engine.Recommender.BatchRecommend(Header(key));
        await open.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { "user-1é" } });
        Assert.True(await open.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await Assert.ThrowsAsync<RpcException>(() => Score(engine, key))).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/score")
        {
            Content = new StringContent(
                """{"user_ids":["user-1é"],"product_ids":["P1"]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await engine.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        Assert.Contains("RetryInfo", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await open.RequestStream.CompleteAsync();
        while (await open.ResponseStream.MoveNext(CancellationToken.None))
        {
            // To its end: the place is free again.
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                await Score(engine, key);
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
            {
                await Task.Delay(10, limit.Token);
            }
        }
    }

    private static Metadata Header(string key) => new() { { "authorization", $"Bearer {key}" } };

    private static async Task Score(RunningEngine engine, string key) =>
        await engine.Recommender.ScoreAsync(
            new ScoreRequest { UserIds = { "user-1é" }, ProductIds = { "P1" } }, Header(key));
}
