using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Engine.Protos.V1;
using Engine.Server.Access;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Routing;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.OpenApi;

/// <summary>The served OpenAPI document: valid, complete, and true to what the engine answers.</summary>
public sealed class OpenApiTests
{
    private const string Program =
        """
        using System.Linq;
        using System.Net.Http;
        using System.Threading.Tasks;

        namespace Generated;

        public static class Caller
        {
            public static async Task<string> Recommend(HttpClient http, string user)
            {
                var reply = await new RecommenderClient(http).RecommendAsync(new RecommendRequest
                {
                    UserId = user, TopK = 3, Purchased = PurchasedPolicy.PURCHASED_POLICY_EXCLUDE,
                });
                return reply.SnapshotId + " " + string.Join(' ', reply.Products.Select(product => product.ProductId));
            }

            public static async Task<string> Describe(HttpClient http) =>
                (await new SnapshotsClient(http).DescribeAsync(workspace: null, snapshotId: null)).Info.SnapshotId;

            public static async Task<string> Fail(HttpClient http)
            {
                try
                {
                    await new CatalogClient(http).GetPoolAsync(
                        name: "nothing", workspace: null, version: null, pageToken: null);
                    return "found";
                }
                catch (ApiException<Status> e)
                {
                    return e.StatusCode + " " + e.Result.Code + " " + e.Result.Message;
                }
            }
        }
        """;

    [Fact]
    public async Task A_generated_client_asks_and_reads_replies_and_errors()
    {
        await using var engine = await RunningEngine.Start();
        var caller = GeneratedClient.Compile(await Document(engine), Program).GetType("Generated.Caller")!;
        Task<string> Call(string name, params object[] arguments) =>
            (Task<string>)caller.GetMethod(name)!.Invoke(null, arguments)!;

        var expected = await engine.Recommender.RecommendAsync(
            new RecommendRequest { UserId = "user-1é", TopK = 3, Purchased = PurchasedPolicy.Exclude });
        Assert.Equal(3, expected.Products.Count);
        Assert.Equal(
            $"{expected.SnapshotId} {string.Join(' ', expected.Products.Select(product => product.ProductId))}",
            await Call("Recommend", engine.Http, "user-1é"));
        Assert.Equal(expected.SnapshotId, await Call("Describe", engine.Http));
        var failure = await Call("Fail", engine.Http);
        Assert.StartsWith("404 5 ", failure, StringComparison.Ordinal);
        Assert.Contains("nothing", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_has_every_route_and_no_other_and_describes_each()
    {
        await using var engine = await RunningEngine.StartEmpty();
        var routes = engine.Endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<CallRule>() is not null
                && (endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is null
                    || endpoint.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is not null))
            .Select(endpoint =>
                $"{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET"} "
                + $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}");
        var operations = (await Document(engine)).Operations.ToArray();
        Assert.Equal(
            routes.Distinct().Order(StringComparer.Ordinal),
            operations.Select(one => $"{one.Method.ToUpperInvariant()} {one.Path}").Order(StringComparer.Ordinal));
        Assert.All(operations, one => Assert.NotEmpty(one.Operation.Description));
        var recommend = operations.Single(one => one.Operation.OperationId == "Recommender_Recommend").Operation;
        Assert.StartsWith("The top-K products for one user", recommend.Description, StringComparison.Ordinal);
        Assert.EndsWith("Scope of the key: read.", recommend.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/v1/recommend", "RecommendReply", """{"user_id": "user-1é", "top_k": 3, "explain": true}""")]
    [InlineData("POST", "/v1/related-products", "RelatedProductsReply", """{"product_id": "P1", "top_k": 3}""")]
    [InlineData("POST", "/v1/explain", "ExplainReply", """{"user_id": "user-1é", "product_id": "P1"}""")]
    [InlineData("POST", "/v1/estimate-audience", "EstimateAudienceReply", """{"product_id": "P1"}""")]
    [InlineData("POST", "/v1/rank-users", "RankUsersReply", """{"product_id": "P1", "top_k": 5}""")]
    [InlineData("POST", "/v1/pools", "Pool", """{"name": "cheap", "rule": "price < 10"}""")]
    [InlineData("GET", "/v1/snapshots", "ListSnapshotsReply", "")]
    [InlineData("GET", "/v1/snapshots:describe", "DescribeSnapshotReply", "")]
    [InlineData("GET", "/v1/traffic?minutes=5", "DescribeTrafficReply", "")]
    [InlineData("GET", "/v1/pools/nothing", "Status", "")]
    [InlineData("POST", "/v1/recommend", "Status", """{"user_id": "user-1é", "top_k": -1}""")]
    public async Task Replies_are_what_it_says(string verb, string path, string schemaName, string body)
    {
        await using var engine = await RunningEngine.Start();
        var document = await Document(engine);
        foreach (var one in document.Components.Schemas.Where(pair => pair.Key != "Any"))
        {
            // Clients must ignore fields that they do not know; here, each of them is a mistake.
            one.Value.AllowAdditionalProperties = false;
        }

        var schema = document.Components.Schemas[schemaName];
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        request.Content = body.Length > 0 ? new StringContent(body, Encoding.UTF8, "application/json") : null;
        using var response = await engine.Http.SendAsync(request);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(schemaName == "Status", !response.IsSuccessStatusCode);
        Assert.NotEmpty(lines);
        foreach (var line in lines)
        {
            Assert.Empty(schema.Validate(line).Select(error => error.ToString()));
            var reply = JsonNode.Parse(line)!.AsObject();
            reply["unknown"] = 1;
            Assert.NotEmpty(schema.Validate(reply.ToJsonString()));
        }
    }

    [NodeFact]
    public async Task It_is_valid()
    {
        await using var engine = await RunningEngine.StartEmpty();
        var served = await engine.Http.GetFromJsonAsync<JsonObject>("/openapi.json");
        Assert.Equal("", await Invalid(served!));
        served!["paths"]!["/v1/recommend"]!["post"]!["responses"] = new JsonObject();
        Assert.NotEqual("", await Invalid(served));
    }

    private static async Task<string> Invalid(JsonObject document)
    {
        using var folder = new TemporaryFolder();
        const string Script = "require('@apidevtools/swagger-parser').validate(process.argv[1])"
            + ".catch(error => console.log(error.message))";
        var run = await ProgramOutput.Of(
            "env",
            $"NODE_PATH={NodeModules.Folder}",
            "node",
            "-e",
            Script,
            folder.Write("openapi.json", document.ToJsonString()));
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    private static async Task<NSwag.OpenApiDocument> Document(RunningEngine engine) =>
        await NSwag.OpenApiDocument.FromJsonAsync(await engine.Http.GetStringAsync("/openapi.json"));
}
