using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Engine.Protos.V1;
using Google.Rpc;
using Grpc.Core;

namespace EndToEnd.Tests.Operating;

/// <summary>A request has an id in its answer, in its error and in the log, the caller's own before it.</summary>
public sealed class RequestIdTests
{
    private const string Header = "x-request-id";

    [Fact]
    public async System.Threading.Tasks.Task Answers_and_errors_carry_one_id_over_grpc()
    {
        await using var engine = await RunningEngine.Start();
        using var good = engine.Recommender.RecommendAsync(
            new RecommendRequest { UserId = "user-1é" }, new Metadata { { Header, "shop-7" } });
        Assert.StartsWith("shop-7/", (await good.ResponseHeadersAsync).GetValue(Header), StringComparison.Ordinal);
        await good;
        using var other = engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
        Assert.NotEmpty((await other.ResponseHeadersAsync).GetValue(Header)!);
        await other;

        var bad = await Assert.ThrowsAsync<RpcException>(async () => await engine.Recommender.RecommendAsync(
            new RecommendRequest { TopK = -1 }, new Metadata { { Header, "shop-8" } }));
        var id = bad.GetRpcStatus()!.GetDetail<RequestInfo>()!.RequestId;
        Assert.StartsWith("shop-8/", id, StringComparison.Ordinal);
        Assert.Equal(id, bad.Trailers.GetValue(Header));
    }

    [Theory]
    [InlineData("shop-9", true)]
    [InlineData("two words", false)]
    [InlineData("{\"forged\":1}", false)]
    public async System.Threading.Tasks.Task Answers_and_errors_carry_one_id_over_http(string given, bool isTaken)
    {
        await using var engine = await RunningEngine.Start();
        foreach (var topK in new[] { 3, -1 })
        {
            using var request = new HttpRequestMessage(System.Net.Http.HttpMethod.Post, "/v1/recommend")
            {
                Content = JsonContent.Create(new { user_id = "user-1é", top_k = topK }),
                Headers = { { Header, given } },
            };
            using var answer = await engine.Http.SendAsync(request);
            var id = Assert.Single(answer.Headers.GetValues(Header));
            Assert.Equal(isTaken, id.StartsWith(given, StringComparison.Ordinal));
            if (topK < 0)
            {
                var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
                Assert.Contains(error["details"]!.AsArray(), detail => (string?)detail!["requestId"] == id);
            }
        }
    }
}
