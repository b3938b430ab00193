using System.Net;
using System.Text;
using System.Text.Json;
using Engine.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EndToEnd.Tests;

/// <summary>JSON over HTTP is as strict as the contract, and errors carry google.rpc.BadRequest.</summary>
public sealed class StrictJsonTests
{
    [Fact]
    public async System.Threading.Tasks.Task Numbers_may_be_text()
    {
        await using var engine = await RunningEngine.Start();
        var expected = await Post(
            engine, """{"userId":"user-1é","topK":3,"recent":[{"productId":"P4","ageDays":1.5,"count":2}]}""");
        var found = await Post(
            engine,
            "\uFEFF" + """{"userId":"user-1é","topK":"3","recent":[{"productId":"P4","ageDays":"1.5","count":"2"}]}""");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (expected.Status, found.Status));
        Assert.Equal(3, RecommendReply.Parser.ParseJson(found.Text).Products.Count);
        Assert.Equal(
            RecommendReply.Parser.ParseJson(expected.Text).Products,
            RecommendReply.Parser.ParseJson(found.Text).Products);
    }

    [Theory]
    [InlineData("""{"userId":"user-1é","topk":3}""", "topk", "did you mean top_k?")]
    [InlineData("""{"excludeProductIds":[null]}""", "exclude_product_ids[0]", "expected text")]
    [InlineData("""{"userId":"user-1é","topK":-1}""", "top_k", "expected 1..10000")]
    [InlineData("""{"userId":"user-1é","purchased":9}""", "purchased", "found purchased = 9")]
    [InlineData("""{"userId":"user-1é" """, "", "not valid JSON")]
    public async System.Threading.Tasks.Task A_bad_request_names_the_field(string body, string field, string words)
    {
        await using var engine = await RunningEngine.Start();
        var (status, text) = await Post(engine, body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        using var error = JsonDocument.Parse(text);
        Assert.Equal((int)StatusCode.InvalidArgument, error.RootElement.GetProperty("code").GetInt32());
        Assert.Contains(words, error.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        var detail = error.RootElement.GetProperty("details")[0];
        Assert.Equal("type.googleapis.com/google.rpc.BadRequest", detail.GetProperty("@type").GetString());
        Assert.Equal(field, detail.GetProperty("fieldViolations")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async System.Threading.Tasks.Task Query_parameters_are_checked_and_grpc_carries_the_same_details()
    {
        await using var engine = await RunningEngine.Start();
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "tea", ProductIds = { "P1" } });
        Assert.Equal(
            HttpStatusCode.OK, (await engine.Http.GetAsync("/v1/pools/tea?version=1.0&workspace=default")).StatusCode);
        foreach (var path in new[]
        {
            "/v1/pools/tea?verson=1",
            "/v1/pools/tea?version=one",
            "/v1/pools?page_size=1&pageSize=2",
            "/v1/pools/tea?name=other",
            "/v1/tasks/x/download?fromat=csv",
            "/v1/tasks/x/download?held_out=yes",
        })
        {
            using var answer = await engine.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("fieldViolations", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var error =
            await Assert.ThrowsAsync<RpcException>(
                async () =>
                    await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é", TopK = -1 }));
        var violation = Assert.Single(error.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations);
        Assert.Equal("top_k", violation.Field);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_body_where_none_is_read_is_refused_in_place_of_being_ignored()
    {
        await using var engine = await RunningEngine.Start();
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "tea", ProductIds = { "P1" } });
        foreach (var (method, path) in new[]
        {
            ("GET", "/v1/pools"), ("DELETE", "/v1/pools/tea"), ("POST", "/v1/tasks/x:cancel"),
        })
        {
            var (status, text) = await Send(method, path, """{"workspace":"other"}""");
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains("expected them in the query", text, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await Send("GET", "/v1/pools", "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Send("DELETE", "/v1/pools/tea", "")).Status);

        async System.Threading.Tasks.Task<(HttpStatusCode Status, string Text)> Send(
            string method, string path, string body)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            using var answer = await engine.Http.SendAsync(request);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async System.Threading.Tasks.Task A_compressed_body_is_named()
    {
        await using var engine = await RunningEngine.Start();
        using var content = new ByteArrayContent([0x1F, 0x8B]);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await engine.Http.PostAsync("/v1/recommend", content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Content-Encoding 'gzip'", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("two words")]
    [InlineData("茶 & co")]
    [InlineData("a+b?c=d#e")]
    [InlineData("x:y")]
    [InlineData("...")]
    [InlineData("\"quoted\" <tag>")]
    public async System.Threading.Tasks.Task A_saved_name_is_read_and_deleted_by_every_protocol(string name)
    {
        await using var engine = await RunningEngine.Start();
        var save = JsonFormatter.Default.Format(new SavePoolRequest { Name = name, ProductIds = { "P1" } });
        Assert.Equal(HttpStatusCode.OK, (await Post(engine, save, "/v1/pools")).Status);
        var path = "/v1/pools/" + Uri.EscapeDataString(name);
        Assert.Equal(name, Pool.Parser.ParseJson(await engine.Http.GetStringAsync(path)).Name);
        Assert.Equal(name, (await engine.Catalog.GetPoolAsync(new GetPoolRequest { Name = name })).Name);
        Assert.Equal(HttpStatusCode.OK, (await engine.Http.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await engine.Http.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a%2Fb")]
    public async System.Threading.Tasks.Task Other_names_are_refused_when_saved(string name)
    {
        await using var engine = await RunningEngine.Start();
        var (status, text) = await Post(
            engine,
            JsonFormatter.Default.Format(new SavePoolRequest { Name = name, ProductIds = { "P1" } }),
            "/v1/pools");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("found the pool name", text, StringComparison.Ordinal);
    }

    private static async System.Threading.Tasks.Task<(HttpStatusCode Status, string Text)> Post(
        RunningEngine engine, string body, string path = "/v1/recommend")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync(path, content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
