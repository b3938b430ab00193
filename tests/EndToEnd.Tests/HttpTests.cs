using System.Net;
using System.Text;
using Engine.Protos.V1;
using Google.Protobuf;

namespace EndToEnd.Tests;

/// <summary>The same calls as HTTP/JSON.</summary>
public sealed class HttpTests
{
    [Fact]
    public async System.Threading.Tasks.Task Json_answers_equal_grpc_answers()
    {
        await using var engine = await RunningEngine.Start();
        var request = new RecommendRequest
        {
            UserId = "user-1é",
            TopK = 7,
            Recent = { new RecentBehavior { ProductId = "P4" } },
        };
        var (status, text) = await Post(engine, "/v1/recommend", JsonFormatter.Default.Format(request));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            (await engine.Recommender.RecommendAsync(request)).Products,
            RecommendReply.Parser.ParseJson(text).Products);

        // Field names as in the .proto are understood too.
        var (_, snake) =
            await Post(engine, "/v1/recommend", """{"user_id":"user-1é","top_k":7,"recent":[{"product_id":"P4"}]}""");
        Assert.Equal(RecommendReply.Parser.ParseJson(text).Products, RecommendReply.Parser.ParseJson(snake).Products);
    }

    [Fact]
    public async System.Threading.Tasks.Task Streams_come_as_one_json_document_a_line()
    {
        await using var engine = await RunningEngine.Start();
        var (_, text) = await Post(engine, "/v1/rank-users", """{"product_id":"P1","top_k":5,"block_size":2}""");
        var blocks =
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(RankUsersReply.Parser.ParseJson).ToArray();
        Assert.Equal([2, 2, 1], blocks.Select(block => block.Users.Count));
        Assert.EndsWith("\n", text, StringComparison.Ordinal);

        using var content = new StringContent("{\"product_id\":\"P1\"}", Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync("/v1/rank-users", content);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        using var unknown = new StringContent("{\"product_id\":\"gone\"}", Encoding.UTF8, "application/json");
        using var refused = await engine.Http.PostAsync("/v1/rank-users", unknown);
        Assert.Equal(
            (HttpStatusCode.NotFound, "application/json"),
            (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.Equal(
            "application/json", (await engine.Http.GetAsync("/v1/snapshots")).Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/v1/recommend", """{"user_id":"user-1é","top_k":-1}""", HttpStatusCode.BadRequest, "found top_k = -1")]
    [InlineData("/v1/recommend", """{"user_id":"nobody"}""", HttpStatusCode.NotFound, "user 'nobody'")]
    [InlineData("/v1/explain", "{}", HttpStatusCode.BadRequest, "give user_id or recent")]
    public async System.Threading.Tasks.Task Errors_have_a_status_and_a_reason(
        string path, string body, HttpStatusCode expected, string words)
    {
        await using var engine = await RunningEngine.Start();
        var (status, text) = await Post(engine, path, body);
        Assert.Equal(expected, status);
        Assert.Contains(words, text, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task Snapshots_are_listed_and_described_and_the_report_is_snake_case()
    {
        await using var engine = await RunningEngine.Start();
        var list = ListSnapshotsReply.Parser.ParseJson(await engine.Http.GetStringAsync("/v1/snapshots"));
        Assert.True(Assert.Single(list.Snapshots).Active);
        var description =
            DescribeSnapshotReply.Parser.ParseJson(await engine.Http.GetStringAsync("/v1/snapshots:describe"));
        Assert.Equal("2021-09-30", description.Info.WindowEnd);
        Assert.Contains(description.Sections, section => section.Kind == "UserIdOffsets" && section.Rows == 41);
        using var report = System.Text.Json.JsonDocument.Parse(description.ReportJson);
        Assert.Equal(0.1, report.RootElement.GetProperty("metrics")[0].GetProperty("recall_at_10").GetDouble());
    }

    private static async Task<(HttpStatusCode Status, string Text)> Post(RunningEngine engine, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync(path, content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
