using System.Net;
using System.Text;
using Engine.Protos.V1;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests;

/// <summary>
/// Requests that ask for too much, or are none: refused by name before any work, on both ports, and counted.
/// </summary>
public sealed class BoundTests
{
    [Fact]
    public async Task What_is_no_protobuf_is_an_invalid_argument_and_is_counted()
    {
        await using var engine = await RunningEngine.Start();
        var raw = new Method<byte[], byte[]>(
            MethodType.Unary,
            "engine.v1.Recommender",
            "Recommend",
            Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes),
            Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes));
        foreach (var bytes in new byte[][] { [0xFF], [0x0A, 0x7F, 1], [0x0B] })
        {
            var error = await Assert.ThrowsAsync<RpcException>(
                async () => await engine.Channel.CreateCallInvoker().AsyncUnaryCall(raw, null, default, bytes));
            Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
            Assert.Contains("not a valid engine.v1.RecommendRequest", error.Status.Detail, StringComparison.Ordinal);
        }

        await engine.Until("status=\"InvalidArgument\"", "/metrics");
    }

    [Fact]
    public async Task Two_million_empty_ids_are_refused_before_they_are_decoded_over_grpc_and_json()
    {
        await using var engine = await RunningEngine.Start();
        var request = new SaveAudienceRequest { Name = "all", UserIds = { Enumerable.Repeat("", 2_000_001) } };
        var error = await Assert.ThrowsAsync<RpcException>(async () => await engine.Catalog.SaveAudienceAsync(request));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("more than 2,000,000 ids and other elements", error.Status.Detail, StringComparison.Ordinal);

        var ids = string.Join(',', Enumerable.Repeat("\"\"", 2_000_001));
        using var body =
            new StringContent($"{{\"name\":\"all\",\"userIds\":[{ids}]}}", Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync("/v1/audiences", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(
            "more than 2,000,000 ids and other elements in user_ids",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_light_call_of_five_mebibytes_is_refused_and_a_list_of_users_of_that_size_is_not()
    {
        await using var engine = await RunningEngine.Start();
        var error =
            await Assert.ThrowsAsync<RpcException>(
                async () => await engine.Recommender.RecommendAsync(
                    new RecommendRequest { UserId = new string('x', 5 << 20) }));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Contains("found a RecommendRequest of 5,242,88", error.Status.Detail, StringComparison.Ordinal);
        using var body =
            new StringContent($"{{\"userId\":\"{new string('x', 5 << 20)}\"}}", Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync("/v1/recommend", body);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);

        var reply = await engine.Recommender.EstimateAudienceAsync(
            new EstimateAudienceRequest
            {
                ProductId = "P1",
                UserIds = { Enumerable.Range(0, 300_000).Select(i => $"somebody-else-{i:d6}") },
            });
        Assert.Equal(300_000, reply.SkippedCount);
    }

    [Fact]
    public async Task A_batch_message_of_too_many_rows_is_refused_with_the_number_that_fits()
    {
        var content = RandomSnapshot.Content(seed: 1, users: 300, products: 150);
        await using var engine = await RunningEngine.Start(content);
        using var call = engine.Recommender.BatchRecommend();
        await call.RequestStream.WriteAsync(
            new BatchRecommendRequest { UserIds = { Enumerable.Repeat(content.UserIds[0], 70_000) }, TopK = 150 });
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("70,000 user_ids x top_k 150 = 10,500,000 rows", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("Send 66,666 users in a message", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_has_sent_nothing_takes_no_stream_from_others()
    {
        await using var engine = await RunningEngine.Start(configure: options => options.Limits.OpenStreams = 1);
        using var idle = engine.Recommender.BatchRecommend();
        await Task.WhenAny(idle.ResponseHeadersAsync, Task.Delay(500));
        using var ranked = engine.Recommender.RankUsers(new RankUsersRequest { ProductId = "P1", TopK = 3 });
        Assert.True(await ranked.ResponseStream.MoveNext(CancellationToken.None));
        while (await ranked.ResponseStream.MoveNext(CancellationToken.None))
        {
            // To its end: its own place is free again.
        }

        await idle.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { "user-1é" }, TopK = 3 });
        Assert.True(await idle.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task A_damaged_pool_is_left_out_named_in_the_list_and_in_the_health()
    {
        await using var engine = await RunningEngine.Start();
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "a", Rule = "price > 1" });
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "b", Rule = "price > 2" });
        await engine.Catalog.SaveAudienceAsync(new SaveAudienceRequest { Name = "fans", UserIds = { "user-1é" } });
        File.WriteAllText(Path.Combine(engine.Directory.Path, "pools", new string('0', 64) + ".json"), "{");
        Directory.CreateDirectory(Path.Combine(engine.Directory.Path, "audiences"));
        File.WriteAllText(Path.Combine(engine.Directory.Path, "audiences", new string('0', 64) + ".audience"), "x");
        var pools = await engine.Catalog.ListPoolsAsync(new ListPoolsRequest { PageSize = 1 });
        Assert.Equal(("a", 1), (Assert.Single(pools.Pools).Name, pools.Problems.Count));
        Assert.Equal(
            "b",
            Assert.Single(
                (await engine.Catalog.ListPoolsAsync(
                    new ListPoolsRequest { PageSize = 1, PageToken = pools.NextPageToken })).Pools).Name);
        var audiences = await engine.Catalog.ListAudiencesAsync(new ListAudiencesRequest());
        Assert.Equal(("fans", 1), (Assert.Single(audiences.Audiences).Name, audiences.Problems.Count));
        var health = await engine.Until("cannot be read as a pool", "/health");
        Assert.Contains("DEGRADED", health, StringComparison.Ordinal);
        Assert.Contains("is not a complete audience file", health, StringComparison.Ordinal);
        Assert.NotEmpty(
            (await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" })).Products);
    }
}
