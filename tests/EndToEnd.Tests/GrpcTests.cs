using Engine.Protos.V1;
using Grpc.Core;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>The contract over real gRPC.</summary>
public sealed class GrpcTests
{
    private const string User = "user-1é";

    [Fact]
    public async System.Threading.Tasks.Task Every_mode_gives_the_same_score_bit_for_bit()
    {
        await using var engine = await RunningEngine.Start();
        var recommended = await engine.Recommender.RecommendAsync(
            new RecommendRequest { UserId = User, TopK = 10_000, Explain = true });
        Assert.Equal(30, recommended.Products.Count);
        Assert.Equal(Source.User, recommended.Source);
        Assert.Equal([.. Enumerable.Range(1, 30)], recommended.Products.Select(product => product.Rank));
        Assert.All(
            recommended.Products,
            product => Assert.StartsWith("Product number", product.ProductName, StringComparison.Ordinal));

        var score = new ScoreRequest
        {
            UserIds = { User },
            ProductIds = { recommended.Products.Select(product => product.ProductId) },
        };
        var pairs = (await engine.Recommender.ScoreAsync(score)).Pairs;
        foreach (var (product, pair) in recommended.Products.Zip(pairs))
        {
            var reverse = new RankUsersRequest { ProductId = product.ProductId, UserIds = { User } };
            var users = await Users(engine, reverse);
            var explained = await engine.Recommender.ExplainAsync(
                new ExplainRequest { UserId = User, ProductId = product.ProductId });
            Assert.Equal(product.Score, explained.Score);
            Assert.Equal(product.Contributions, explained.Contributions);
            Assert.InRange(
                Math.Abs(explained.Contributions.Sum(term => (double)term.Value) - product.Score),
                0,
                product.RoundingBound);
            Assert.Equal(product.Score, pair.Score);
            Assert.Equal(product.Score, Assert.Single(users).Score);
        }
    }

    [Fact]
    public async System.Threading.Tasks.Task Rank_users_streams_blocks_with_the_header_in_the_first()
    {
        await using var engine = await RunningEngine.Start();
        using var call =
            engine.Recommender.RankUsers(new RankUsersRequest { ProductId = "P1", TopK = 25, BlockSize = 10 });
        var blocks = new List<RankUsersReply>();
        await foreach (var block in call.ResponseStream.ReadAllAsync())
        {
            blocks.Add(block);
        }

        Assert.Equal([10, 10, 5], blocks.Select(block => block.Users.Count));
        Assert.Equal(40, blocks[0].EligibleCount);
        Assert.NotEmpty(blocks[0].SnapshotId);
        Assert.Equal([.. Enumerable.Range(1, 25)], blocks.SelectMany(block => block.Users).Select(user => user.Rank));
        var scores = blocks.SelectMany(block => block.Users).Select(user => user.Score).ToArray();
        Assert.Equal(scores.OrderDescending(), scores);

        // An empty answer still has its header.
        using var none = engine.Recommender.RankUsers(new RankUsersRequest { ProductId = "P1", InlineAudience = true });
        Assert.True(await none.ResponseStream.MoveNext());
        Assert.Equal(0, none.ResponseStream.Current.EligibleCount);
        Assert.False(await none.ResponseStream.MoveNext());
    }

    [Fact]
    public async System.Threading.Tasks.Task Clauses_add_up_and_ids_that_took_no_part_are_named()
    {
        await using var engine = await RunningEngine.Start();
        var reply = await engine.Recommender.RecommendAsync(new RecommendRequest
        {
            UserId = User,
            Pool = new PoolFilter { ProductIds = { "P1", "P2", "P3", "P3", "missing" } },
            ExcludeProductIds = { "P2", "P9" },
            Recent = { new RecentBehavior { ProductId = "P1", Type = BehaviorType.Purchase } },
            Purchased = PurchasedPolicy.Exclude,
        });
        Assert.Equal(Source.UserAndRecent, reply.Source);
        Assert.Equal(reply.ProductCount, reply.EligibleCount + reply.Removed.Sum(clause => clause.Removed));
        Assert.Equal(
            ["product_ids", "exclude_product_ids", "purchased"], reply.Removed.Select(clause => clause.Clause));
        Assert.DoesNotContain(reply.Products, product => product.ProductId is "P1" or "P2");
        Assert.Equal(2, reply.SkippedCount);
        Assert.Contains(reply.Skipped, skipped => skipped.Id == "P3" && skipped.Reason == SkipReason.Duplicate);
        Assert.Contains(
            reply.Skipped, skipped => skipped.Id == "missing" && skipped.Reason == SkipReason.UnknownProduct);
    }

    [Fact]
    public async System.Threading.Tasks.Task Validate_only_counts_and_scores_nothing()
    {
        await using var engine = await RunningEngine.Start();
        var reply =
            await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = User, ValidateOnly = true });
        Assert.Empty(reply.Products);
        Assert.Equal(30, reply.EligibleCount);
        Assert.Empty(
            (await engine.Recommender.ScoreAsync(
                new ScoreRequest { UserIds = { User }, ProductIds = { "P1" }, ValidateOnly = true })).Pairs);
    }

    [Fact]
    public async System.Threading.Tasks.Task Answers_past_the_prediction_window_carry_a_warning()
    {
        // The window of the test snapshot is 2021-08-02 .. 2021-09-30.
        await using var inside =
            await RunningEngine.Start(time: new DateAt(new DateTimeOffset(2021, 9, 30, 23, 59, 59, TimeSpan.Zero)));
        Assert.Empty((await inside.Recommender.RecommendAsync(new RecommendRequest { UserId = User })).Warnings);
        await using var after =
            await RunningEngine.Start(time: new DateAt(new DateTimeOffset(2021, 10, 1, 0, 0, 0, TimeSpan.Zero)));
        var warning =
            Assert.Single((await after.Recommender.RecommendAsync(new RecommendRequest { UserId = User })).Warnings);
        Assert.Contains("2021-09-30", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task Another_published_snapshot_answers_when_it_is_named()
    {
        await using var engine = await RunningEngine.Start();
        var first = await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = User });
        await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        var again = await engine.Recommender.RecommendAsync(
            new RecommendRequest { UserId = User, SnapshotId = first.SnapshotId });
        Assert.Equal(first.Products, again.Products);
        Assert.Equal(first.SnapshotId, again.SnapshotId);
        Assert.NotEqual(
            first.SnapshotId,
            (await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = User })).SnapshotId);
    }

    private static async Task<List<ScoredUser>> Users(RunningEngine engine, RankUsersRequest request)
    {
        using var call = engine.Recommender.RankUsers(request);
        var users = new List<ScoredUser>();
        await foreach (var block in call.ResponseStream.ReadAllAsync())
        {
            users.AddRange(block.Users);
        }

        return users;
    }

    private sealed class DateAt(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
