using Engine.Protos.V1;
using Grpc.Core;

namespace EndToEnd.Tests;

/// <summary>Questions about many users, and the blocked products, over real gRPC.</summary>
public sealed class ManyTests
{
    private const string User = "user-1é";

    [Fact]
    public async System.Threading.Tasks.Task A_batch_stream_answers_each_message_as_Recommend_would()
    {
        await using var engine = await RunningEngine.Start();
        using var call = engine.Recommender.BatchRecommend();
        await call.RequestStream.WriteAsync(new BatchRecommendRequest
        {
            UserIds = { User, "nobody", User },
            TopK = 5,
            ExcludeProductIds = { "P1", "gone" },
            Purchased = PurchasedPolicy.Exclude,
        });
        Assert.True(await call.ResponseStream.MoveNext());
        var first = call.ResponseStream.Current;
        Assert.Equal(29, first.EligibleCount);
        Assert.Equal(first.ProductCount, first.EligibleCount + first.Removed.Sum(clause => clause.Removed));
        Assert.Equal("gone", Assert.Single(first.Skipped).Id);
        Assert.Equal([Source.User, Source.None, Source.User], first.Rows.Select(row => row.Source));
        Assert.Equal(first.Rows[0], first.Rows[2]);
        Assert.Empty(first.Rows[1].ProductIds);

        var single = await engine.Recommender.RecommendAsync(new RecommendRequest
        {
            UserId = User,
            TopK = 5,
            ExcludeProductIds = { "P1", "gone" },
            Purchased = PurchasedPolicy.Exclude,
        });
        Assert.Equal(single.Products.Select(product => product.ProductId), first.Rows[0].ProductIds);
        Assert.Equal(single.Products.Select(product => product.Score), first.Rows[0].Scores);
        Assert.Equal(single.EligibleCount, first.Rows[0].EligibleCount);

        // What the first message says holds for the next one, which may repeat it. Its time begins when it comes.
        await System.Threading.Tasks.Task.Delay(300);
        var sent = TimeProvider.System.GetTimestamp();
        await call.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { User }, TopK = 5 });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.InRange(
            call.ResponseStream.Current.ServerMicros, 0, TimeProvider.System.GetElapsedTime(sent).TotalMicroseconds);
        Assert.Equal(first.Rows[0], Assert.Single(call.ResponseStream.Current.Rows));
        Assert.Empty(call.ResponseStream.Current.SnapshotId);

        // Another option would be ignored.
        await call.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { User }, EventsVersion = 0 });
        var refused = await Assert.ThrowsAsync<RpcException>(call.ResponseStream.MoveNext);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("another events_version in a later message", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task An_audience_of_one_is_answered_as_the_user_and_counted()
    {
        await using var engine = await RunningEngine.Start();
        var user = await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = User, Explain = true });
        var audience = await engine.Recommender.RecommendForAudienceAsync(
            new RecommendForAudienceRequest { UserIds = { User }, Explain = true });
        Assert.Equal(
            user.Products.Select(product => (product.ProductId, product.Score)),
            audience.Products.Select(product => (product.ProductId, product.Score)));
        Assert.Equal(user.Products[0].Contributions, audience.Products[0].Contributions);
        Assert.Equal(Source.Audience, audience.Source);
        Assert.Equal(1, audience.UserCount);
        Assert.Equal(
            40, (await engine.Recommender.RecommendForAudienceAsync(new RecommendForAudienceRequest())).UserCount);
    }

    [Fact]
    public async System.Threading.Tasks.Task An_estimate_falls_from_everybody_to_the_best()
    {
        await using var engine = await RunningEngine.Start();
        var estimate = await engine.Recommender.EstimateAudienceAsync(new EstimateAudienceRequest { ProductId = "P1" });
        Assert.Equal(256, estimate.Curve.Count);
        Assert.Equal(40, estimate.EligibleCount);
        Assert.Equal("Product number 1 茶", estimate.ProductName);
        Assert.Equal(
            estimate.Curve.OrderByDescending(point => point.UserCount).Select(point => point.UserCount),
            estimate.Curve.Select(point => point.UserCount));
        Assert.Empty(
            (await engine.Recommender.EstimateAudienceAsync(
                new EstimateAudienceRequest { ProductId = "P1", InlineAudience = true })).Curve);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_blocked_product_is_gone_from_the_next_request_on_and_comes_back()
    {
        await using var engine = await RunningEngine.Start();
        var catalog = new Catalog.CatalogClient(engine.Channel);
        var request = new RecommendRequest { UserId = User, TopK = 30 };
        var best = (await engine.Recommender.RecommendAsync(request)).Products[0].ProductId;

        Assert.Equal([best], (await catalog.SetBlockedAsync(new SetBlockedRequest { Block = { best } })).ProductIds);
        var reply = await engine.Recommender.RecommendAsync(request);
        Assert.DoesNotContain(reply.Products, product => product.ProductId == best);
        Assert.Equal(new ClauseCount { Clause = "blocked", Removed = 1 }, Assert.Single(reply.Removed));
        var inPool = await engine.Recommender.RecommendAsync(
            new RecommendRequest { UserId = User, Pool = new PoolFilter { ProductIds = { best } } });
        Assert.Equal(new Skipped { Id = best, Reason = SkipReason.Blocked }, Assert.Single(inPool.Skipped));
        Assert.Empty(inPool.Products);

        Assert.Equal([best], (await catalog.ListBlockedAsync(new ListBlockedRequest())).ProductIds);
        Assert.Empty((await catalog.SetBlockedAsync(new SetBlockedRequest { Unblock = { best } })).ProductIds);
        Assert.Equal(best, (await engine.Recommender.RecommendAsync(request)).Products[0].ProductId);
    }
}
