using Tests.Shared;
using Engine.Protos.V1;
using Grpc.Core;

namespace EndToEnd.Tests;

/// <summary>What is refused, with which status and which words.</summary>
public sealed class RefusalTests
{
    private static readonly RecommendRequest Good = new() { UserId = "user-1é" };

    public static TheoryData<string, StatusCode, string> Requests { get; } = new()
    {
        {
            """{ "userId": "user-1é", "topK": -1 }""",
            StatusCode.InvalidArgument,
            "found top_k = -1, expected 1..10000"
        },
        { """{ "userId": "user-1é", "topK": 10001 }""", StatusCode.InvalidArgument, "expected 1..10000" },
        { """{ }""", StatusCode.InvalidArgument, "give user_id or recent" },
        { """{ "userId": "user-1é", "purchased": 9 }""", StatusCode.InvalidArgument, "found purchased = 9" },
        { """{ "userId": "user-1é", "onUnknown": -4 }""", StatusCode.InvalidArgument, "found on_unknown = -4" },
        {
            """{ "recent": [ { "productId": "P1", "count": -2 } ] }""",
            StatusCode.InvalidArgument,
            "found recent[0].count = -2"
        },
        {
            """{ "recent": [ { "productId": "P1", "ageDays": -1 } ] }""",
            StatusCode.InvalidArgument,
            "found recent[0].age_days = -1"
        },
        {
            """{ "recent": [ { "productId": "P1", "ageDays": "NaN" } ] }""",
            StatusCode.InvalidArgument,
            "found recent[0].age_days = NaN"
        },
        {
            """{ "recent": [ { "productId": "P1", "type": 7 } ] }""",
            StatusCode.InvalidArgument,
            "found recent[0].type = 7"
        },
        { """{ "userId": "nobody" }""", StatusCode.NotFound, "user 'nobody'" },
        { """{ "userId": "USER-1é" }""", StatusCode.NotFound, "user 'USER-1é'" },
        { """{ "userId": "user-1é", "workspace": "other" }""", StatusCode.NotFound, "workspace 'other'" },
        {
            """{ "userId": "user-1é", "snapshotId": "20200101-n30-00000000" }""",
            StatusCode.NotFound,
            "snapshot '20200101-n30-00000000'"
        },
        {
            """{ "userId": "user-1é", "snapshotId": "../../etc/passwd" }""",
            StatusCode.InvalidArgument,
            "found snapshot id"
        },
        { """{ "userId": "user-1é", "pool": { "pool": "tea" } }""", StatusCode.NotFound, "pool 'tea'" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async System.Threading.Tasks.Task Recommend_says_found_and_expected(
        string request, StatusCode status, string words)
    {
        await using var engine = await RunningEngine.Start();
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await engine.Recommender.RecommendAsync(RecommendRequest.Parser.ParseJson(request)));
        Assert.Equal(status, error.StatusCode);
        Assert.Contains(words, error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task Other_questions_say_found_and_expected()
    {
        await using var engine = await RunningEngine.Start();
        var questions = engine.Recommender;
        await Refused(
            StatusCode.NotFound,
            "product 'nothing'",
            async () => await questions.RelatedProductsAsync(new RelatedProductsRequest { ProductId = "nothing" }));
        await Refused(
            StatusCode.InvalidArgument,
            "at least one of each",
            async () => await questions.ScoreAsync(new ScoreRequest { UserIds = { "u" } }));
        await Refused(
            StatusCode.InvalidArgument,
            "product_id is missing",
            async () => await questions.RelatedProductsAsync(new RelatedProductsRequest()));
        await Refused(
            StatusCode.InvalidArgument,
            "found behavior.types[1] = 9",
            async () => await new Catalog.CatalogClient(engine.Channel).SaveAudienceAsync(new()
            {
                Name = "a",
                Behavior = new() { Types_ = { BehaviorType.View, (BehaviorType)9 } },
            }));
        await Refused(
            StatusCode.InvalidArgument,
            "placement is missing",
            async () => await questions.RecommendPlacementAsync(new() { UserId = "user-1é" }));
        await Refused(
            StatusCode.InvalidArgument,
            "placements is missing",
            async () => await questions.RecommendPageAsync(new() { Placements = { "" } }));
        await Refused(
            StatusCode.InvalidArgument,
            "block_size = 10001",
            () => First(engine, new RankUsersRequest { ProductId = "P1", BlockSize = 10_001 }));
        await Refused(
            StatusCode.InvalidArgument,
            "top_k = 5000001",
            () => First(engine, new RankUsersRequest { ProductId = "P1", TopK = 5_000_001 }));
        await Refused(
            StatusCode.NotFound,
            "audience 'fans'",
            () => First(engine, new RankUsersRequest { ProductId = "P1", Audience = "fans" }));
        await Refused(
            StatusCode.InvalidArgument,
            "give user_id or recent",
            async () => await questions.ExplainAsync(new ExplainRequest()));
        await Refused(
            StatusCode.NotFound,
            "product 'gone'",
            async () => await questions.ExplainAsync(new ExplainRequest { UserId = "user-1é", ProductId = "gone" }));
        var catalog = new Catalog.CatalogClient(engine.Channel);
        await Refused(
            StatusCode.NotFound,
            "pool 'tea'",
            async () => await catalog.DeletePoolAsync(new DeletePoolRequest { Name = "tea" }));
        await Refused(
            StatusCode.InvalidArgument,
            "at character 10 of the rule",
            async () => await catalog.SavePoolAsync(new SavePoolRequest { Name = "tea", Rule = "price is 5" }));
        await Refused(
            StatusCode.NotFound,
            "gone",
            async () => await new Tasks.TasksClient(engine.Channel).GetAsync(new GetTaskRequest { TaskId = "gone" }));
        await Refused(
            StatusCode.FailedPrecondition,
            "no other snapshot",
            async () => await engine.Snapshots.RollbackAsync(new RollbackSnapshotRequest()));
    }

    [Fact]
    public async System.Threading.Tasks.Task An_empty_folder_is_unavailable_until_something_is_published()
    {
        await using var engine = await RunningEngine.StartEmpty();
        await engine.Until("nothing is published", "/health");
        await Refused(
            StatusCode.Unavailable, "nothing is published", async () => await engine.Recommender.RecommendAsync(Good));
        var health = new Grpc.Health.V1.Health.HealthClient(engine.Channel);
        Assert.Equal(
            Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new())).Status);
        await engine.PublishAndWait(RandomSnapshot.Content(seed: 3));
        Assert.NotEmpty((await engine.Recommender.RecommendAsync(Good)).Products);
    }

    private static async System.Threading.Tasks.Task First(RunningEngine engine, RankUsersRequest request)
    {
        using var call = engine.Recommender.RankUsers(request);
        await call.ResponseStream.MoveNext();
    }

    private static async System.Threading.Tasks.Task Refused(
        StatusCode status, string words, Func<System.Threading.Tasks.Task> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(status, error.StatusCode);
        Assert.Contains(words, error.Status.Detail, StringComparison.Ordinal);
    }
}
