using Engine.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Tests.Shared;

namespace EndToEnd.Tests.Shards;

/// <summary>Programs that serve three shards, one of them twice, against an engine that serves the whole.</summary>
public sealed class ShardedEnginesTests
{
    [Fact]
    public async System.Threading.Tasks.Task Any_engine_answers_for_all_and_says_what_is_missing()
    {
        var content = RandomNextOrder.With(RandomSnapshot.Content(seed: 6, users: 600));
        await using var whole = await RunningEngine.Start(content);
        using var engines = await ShardedEngines.Start(whole);
        using var channel = engines.Channel(0);
        await SaveAudience(whole.Channel);
        await SaveAudience(channel);
        await AssertEqual(whole, channel, content.UserIds, engines.Http(0));
        await AssertPlacements(whole, engines, content.UserIds);

        engines.Kill(1);
        await AssertEqual(whole, channel, content.UserIds, engines.Http(0));

        engines.Kill(3);
        await AssertMissing(channel, content.UserIds, whole);
    }

    [Fact]
    public async System.Threading.Tasks.Task The_best_ten_thousand_of_pools_and_audiences_are_those_of_the_whole()
    {
        var content = RandomSnapshot.Content(seed: 6, users: 15_000);
        await using var whole = await RunningEngine.Start(content);
        using var engines = await ShardedEngines.Start(whole);
        using var channel = engines.Channel(2);
        await SaveAudience(whole.Channel, 15_000);
        await SaveAudience(channel, 15_000);
        var (one, all) = (new Recommender.RecommenderClient(whole.Channel), new Recommender.RecommenderClient(channel));
        var pool = new PoolFilter { Rule = "price < 50" };
        RankUsersRequest[] requests =
        [
            new() { ProductId = "P3" },
            new() { ProductId = "P3", Audience = "buyers", Purchased = PurchasedPolicy.Exclude },
            new() { Pool = pool, Audience = "buyers" },
            new() { Pool = pool, By = PoolScore.Mean },
        ];
        foreach (var request in requests)
        {
            request.TopK = 10_000;
            var expected = await Users(one, request);
            Assert.Equal(expected, await Users(all, request));
            Assert.InRange(expected.Count, 5_000, 10_000);
        }
    }

    private static async System.Threading.Tasks.Task SaveAudience(ChannelBase channel, int most = 600)
    {
        var saved = await new Catalog.CatalogClient(channel).SaveAudienceAsync(new SaveAudienceRequest
        {
            Name = "buyers",
            Behavior = new BehaviorAudience { Types_ = { BehaviorType.Purchase, BehaviorType.Cart } },
        });
        Assert.InRange(saved.UserCount, most / 6, most);
        var csv = new List<byte>();
        using var export = new Catalog.CatalogClient(channel).ExportAudience(
            new ExportAudienceRequest { Name = "buyers" });
        await foreach (var chunk in export.ResponseStream.ReadAllAsync())
        {
            csv.AddRange(chunk.Data);
        }

        Assert.Equal(saved.UserCount + 1, csv.Count(character => character == (byte)'\n'));
    }

    private static async System.Threading.Tasks.Task AssertEqual(
        RunningEngine whole, GrpcChannel channel, IReadOnlyList<string> users, Uri http)
    {
        var (one, all) = (new Recommender.RecommenderClient(whole.Channel), new Recommender.RecommenderClient(channel));
        foreach (var user in users.Take(40))
        {
            var request = new RecommendRequest { UserId = user, TopK = 30, Explain = true };
            var expected = await one.RecommendAsync(request);
            var found = await all.RecommendAsync(request);
            (expected.ServerMicros, found.ServerMicros) = (0, 0);
            Assert.Equal(expected, found);
            var explained = await all.ExplainAsync(
                new ExplainRequest { UserId = user, ProductId = expected.Products[0].ProductId });
            Assert.Equal(expected.Products[0].Score, explained.Score);
            var pairs = new ScoreRequest { UserIds = { user }, ProductIds = { "P3", "P7" } };
            var (scored, forwarded) = (await one.ScoreAsync(pairs), await all.ScoreAsync(pairs));
            (scored.ServerMicros, forwarded.ServerMicros) = (0, 0);
            Assert.Equal(scored, forwarded);
            var orders = new NextOrderRequest { UserIds = { user } };
            var (next, ordered) = (await one.NextOrderAsync(orders), await all.NextOrderAsync(orders));
            (next.ServerMicros, ordered.ServerMicros) = (0, 0);
            Assert.Equal(next, ordered);
        }

        await AssertManyUsers(one, all, users);
        using var client = new HttpClient();
        using var body = new StringContent(
            JsonFormatter.Default.Format(new RecommendRequest { UserId = users[7] }), null, "application/json");
        using var answer = await client.PostAsync(new Uri(http, "/v1/recommend"), body);
        Assert.Equal(
            (await one.RecommendAsync(new RecommendRequest { UserId = users[7] })).Products,
            JsonParser.Default.Parse<RecommendReply>(await answer.Content.ReadAsStringAsync()).Products);

        foreach (var audience in (string[])["", "buyers"])
        {
            var rank = new RankUsersRequest { ProductId = "P3", TopK = 500, BlockSize = 64, Audience = audience };
            Assert.Equal(await Users(one, rank), await Users(all, rank));
            var estimate = new EstimateAudienceRequest { ProductId = "P3", Audience = audience, Exact = true };
            var (counted, scattered) =
                (await one.EstimateAudienceAsync(estimate), await all.EstimateAudienceAsync(estimate));
            (counted.ServerMicros, scattered.ServerMicros) = (0, 0);
            Assert.Equal(counted, scattered);
            var products = new RecommendForAudienceRequest { Audience = audience, TopK = 30, UserIds = { users } };
            var (mean, merged) =
                (await one.RecommendForAudienceAsync(products), await all.RecommendForAudienceAsync(products));
            (mean.ServerMicros, merged.ServerMicros) = (0, 0);
            Assert.Equal(mean, merged);
        }
    }

    private static async System.Threading.Tasks.Task AssertPlacements(
        RunningEngine whole, ShardedEngines engines, IReadOnlyList<string> users)
    {
        GrpcChannel[] channels = [whole.Channel, .. Enumerable.Range(0, 4).Select(engines.Channel)];
        foreach (var catalog in channels.Select(one => new Catalog.CatalogClient(one)))
        {
            foreach (var name in (string[])["hero", "slot"])
            {
                await catalog.SavePlacementAsync(new()
                {
                    Placement = new()
                    {
                        Name = name,
                        Rules = { new PlacementRule { Cap = new() { Tag = "category", Most = name.Length - 2 } } },
                    },
                });
            }

            await catalog.SaveExperimentAsync(new()
            {
                Experiment = new()
                {
                    Name = "trial",
                    Arms =
                    {
                        new ExperimentArm { Name = "a", Placement = "hero", Share = 0.5 },
                        new ExperimentArm { Name = "b", Placement = "slot", Share = 0.5 },
                    },
                },
            });
        }

        var (one, all) = (whole.Recommender, new Recommender.RecommenderClient(channels[1]));
        var arms = new HashSet<string>();
        foreach (var user in users.Take(40).Append("nobody"))
        {
            var page = new RecommendPageRequest { Placements = { "hero", "slot" }, UserId = user, Explain = true };
            Assert.Equal(
                (await one.RecommendPageAsync(page)).Placements.Select(Timeless),
                (await all.RecommendPageAsync(page)).Placements.Select(Timeless));
            var trial = new RecommendPlacementRequest { Experiment = "trial", UserId = user };
            var (expected, found) =
                (await one.RecommendPlacementAsync(trial), await all.RecommendPlacementAsync(trial));
            Assert.NotEqual(expected.RecommendationId, found.RecommendationId);
            Assert.Equal(Timeless(expected), Timeless(found));
            arms.Add(found.Arm);
        }

        Assert.Equal(["a", "b"], arms.Order());

        static PlacementReply Timeless(PlacementReply reply) =>
            new(reply) { ServerMicros = 0, RecommendationId = "" };
    }

    // Of all shards, twice, unknown ones among them: more than a reply lists, too.
    private static async System.Threading.Tasks.Task AssertManyUsers(
        Recommender.RecommenderClient one, Recommender.RecommenderClient all, IReadOnlyList<string> users)
    {
        string[] unknown = [.. Enumerable.Range(0, 130).Select(i => $"nobody {i}")];
        ScoreRequest[] scores =
        [
            new()
            {
                UserIds = { users.Take(60), unknown.Take(9), users.Take(5) },
                ProductIds = { "P3", "none", "P7", "P3" },
            },
            new() { UserIds = { unknown, users.Take(3), unknown.Take(4) }, ProductIds = { "P1" } },
            new() { UserIds = { users.Take(9) }, ProductIds = { "none" } },
            new() { UserIds = { users.Take(9), unknown.Take(2) }, ProductIds = { "P1" }, ValidateOnly = true },
        ];
        foreach (var request in scores)
        {
            var (expected, found) = (await one.ScoreAsync(request), await all.ScoreAsync(request));
            (expected.ServerMicros, found.ServerMicros) = (0, 0);
            Assert.Equal(expected, found);
        }

        var orders = new NextOrderRequest
        {
            UserIds = { unknown.Take(30), users.Take(90), unknown.Take(20), users.Take(60) },
            TopK = 3,
        };
        var (next, merged) = (await one.NextOrderAsync(orders), await all.NextOrderAsync(orders));
        (next.ServerMicros, merged.ServerMicros) = (0, 0);
        Assert.Equal(next, merged);

        await SameRefusal(engine => engine.ScoreAsync(new() { UserIds = { users } }).ResponseAsync);
        await SameRefusal(engine => engine.ScoreAsync(
            new() { UserIds = { users.Take(9) }, ProductIds = { "P1" }, EventsVersion = 7 }).ResponseAsync);
        await SameRefusal(engine => engine.NextOrderAsync(new() { UserIds = { users } }).ResponseAsync);
        await SameRefusal(engine => engine.NextOrderAsync(new() { UserIds = { unknown.Take(9) } }).ResponseAsync);
        await SameRefusal(engine => engine.NextOrderAsync(
            new() { UserIds = { users.Take(9) }, TopK = 101 }).ResponseAsync);

        async System.Threading.Tasks.Task SameRefusal<T>(Func<Recommender.RecommenderClient, Task<T>> ask)
        {
            var alone = await Assert.ThrowsAsync<RpcException>(() => ask(one));
            var refused = await Assert.ThrowsAsync<RpcException>(() => ask(all));
            Assert.Equal((alone.StatusCode, alone.Status.Detail), (refused.StatusCode, refused.Status.Detail));
        }
    }

    private static async System.Threading.Tasks.Task AssertMissing(
        GrpcChannel channel, IReadOnlyList<string> users, RunningEngine whole)
    {
        var engine = new Recommender.RecommenderClient(channel);
        var rank = new RankUsersRequest { ProductId = "P3", TopK = 600 };
        var refused = await Assert.ThrowsAsync<RpcException>(() => Users(engine, rank));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("buckets 341-681", refused.Status.Detail, StringComparison.Ordinal);
        rank.AllowPartial = true;
        using var call = engine.RankUsers(rank);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal([new BucketRange { First = 341, Last = 681 }], call.ResponseStream.Current.MissingBuckets);
        Assert.InRange(call.ResponseStream.Current.EligibleCount, 300, 500);
        var estimate = await engine.EstimateAudienceAsync(
            new EstimateAudienceRequest { ProductId = "P3", AllowPartial = true });
        Assert.Equal(call.ResponseStream.Current.EligibleCount, estimate.EligibleCount);
        var mean = await engine.RecommendForAudienceAsync(new RecommendForAudienceRequest { AllowPartial = true });
        Assert.Equal((estimate.EligibleCount, 1), (mean.UserCount, mean.MissingBuckets.Count));

        var answered = 0;
        foreach (var user in users.Take(40))
        {
            try
            {
                await engine.RecommendAsync(new RecommendRequest { UserId = user });
                answered++;
            }
            catch (RpcException e)
            {
                Assert.Equal(StatusCode.Unavailable, e.StatusCode);
            }
        }

        Assert.InRange(answered, 15, 39);
        Assert.NotNull(whole);
        await IsMissing(engine.ScoreAsync(new() { UserIds = { users.Take(40) }, ProductIds = { "P1" } }).ResponseAsync);
        await IsMissing(engine.NextOrderAsync(new() { UserIds = { users.Take(40) } }).ResponseAsync);
        var saved = await IsMissing(new Catalog.CatalogClient(channel).SaveAudienceAsync(
            new() { Name = "some", UserIds = { users } }).ResponseAsync);
        Assert.Contains("repeat the call", saved, StringComparison.Ordinal);

        static async Task<string> IsMissing(System.Threading.Tasks.Task call)
        {
            var missing = await Assert.ThrowsAsync<RpcException>(() => call);
            Assert.Equal(StatusCode.Unavailable, missing.StatusCode);
            Assert.Contains("buckets 341-681 are missing", missing.Status.Detail, StringComparison.Ordinal);
            return missing.Status.Detail;
        }
    }

    private static async Task<List<ScoredUser>> Users(Recommender.RecommenderClient engine, RankUsersRequest request)
    {
        var users = new List<ScoredUser>();
        using var call = engine.RankUsers(request);
        await foreach (var block in call.ResponseStream.ReadAllAsync())
        {
            users.AddRange(block.Users);
        }

        return users;
    }
}
