using CsCheck;
using Engine.Kernels.Search;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class RecommenderTests
{
    private static readonly Gen<(int Seed, int Users, int Products, int Factors, float Scale, int Similar)> Shapes =
        Gen.Select(
            Gen.Int[0, 1 << 20],
            Gen.Int[1, 12],
            Gen.Int[1, 150],
            Gen.Int[0, 20],
            Gen.OneOf(Gen.Const(0f), Gen.Const(1e-18f), Gen.Const(1f), Gen.Const(1e6f)),
            Gen.Int[0, 6]);

    [Fact]
    public void Every_direction_gives_the_scores_of_the_plain_loop_bit_for_bit() => Shapes.Sample(
        shape =>
        {
            using var folder = new TemporaryFolder();
            var content = RandomSnapshot.Content(
                shape.Seed, shape.Users, shape.Products, shape.Factors, shape.Scale, shape.Similar);
            using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
            var random = new Random(shape.Seed);
            var user = random.Next(shape.Users);
            var product = random.Next(shape.Products);
            var k = random.Next(1, shape.Products + 2);

            var products = new RecommendAnswer();
            Recommender.Recommend(model, new RecommendQuery { UserId = content.UserIds[user], TopK = k }, products);
            var expected = PlainModel.Best(
                Enumerable.Range(0, shape.Products).Select(p => new ScoredRow(p, PlainModel.Score(content, user, p))),
                k);
            Assert.Equal(expected, products.Products.Rows());
            Assert.Equal(shape.Products, products.EligibleCount);

            var users = new RankUsersAnswer();
            UserRanker.Rank(
                model, new RankUsersQuery { ProductId = content.ProductIds[product], TopK = shape.Users + 1 }, users);
            var ranked = PlainModel.Best(
                Enumerable.Range(0, shape.Users).Select(u => new ScoredRow(u, PlainModel.Score(content, u, product))),
                shape.Users);
            Assert.Equal(ranked, users.Users.Rows());

            // Every other user, and parts of few products.
            int[] sampled = [.. Enumerable.Range(0, shape.Users).Where(u => u % 2 == 0)];
            var found = new List<float>();
            foreach (var part in new UserSample(model, sampled, threads: 1 + (shape.Users % 3), mostTerms: 20).Parts())
            {
                var scores = new float[sampled.Length * (part.End - part.First)];
                part.Score(part.First, scores);
                found.AddRange(scores);
            }

            Assert.Equal(
                Enumerable.Range(0, shape.Products)
                    .SelectMany(p => sampled.Select(u => PlainModel.Score(content, u, p))),
                found);

            Assert.Equal(
                PlainModel.Score(content, user, product),
                PairScorer.Score(model, new UserOrdinal(user), new ProductOrdinal(product)));
        },
        iter: 150);

    [Fact]
    public void Pools_exclusions_and_purchases_decide_who_competes_and_are_counted() => Shapes.Sample(
        shape =>
        {
            using var folder = new TemporaryFolder();
            var content = RandomSnapshot.Content(
                shape.Seed, shape.Users, shape.Products, shape.Factors, shape.Scale, shape.Similar);
            using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
            var random = new Random(shape.Seed);
            var user = random.Next(shape.Users);
            var pool = Enumerable.Range(0, shape.Products).Where(_ => random.Next(3) > 0).ToHashSet();
            var excluded = Enumerable.Range(0, shape.Products).Where(_ => random.Next(4) == 0).ToHashSet();
            var policy = (PurchasedPolicy)random.Next(3);
            var query = new RecommendQuery
            {
                UserId = content.UserIds[user],
                TopK = random.Next(1, 20),
                Purchased = policy,
            };
            query.Filter.HasPool = true;
            foreach (var id in pool.Select(p => content.ProductIds[p]).Append("no such product"))
            {
                query.Filter.PoolProductIds.Add(id);
            }

            foreach (var id in excluded.Select(p => content.ProductIds[p]))
            {
                query.Filter.ExcludedProductIds.Add(id);
            }

            var answer = new RecommendAnswer();
            Recommender.Recommend(model, query, answer);
            var purchased = PlainModel.Purchased(content, user);
            var eligible = pool.Except(excluded)
                .Where(
                    p => policy == PurchasedPolicy.Include || purchased.Contains(p) == (policy == PurchasedPolicy.Only))
                .ToArray();
            var expected =
                PlainModel.Best(eligible.Select(p => new ScoredRow(p, PlainModel.Score(content, user, p))), query.TopK);
            Assert.Equal(expected, answer.Products.Rows());
            Assert.Equal(eligible.Length, answer.EligibleCount);
            Assert.Equal(
                shape.Products,
                answer.EligibleCount + answer.RemovedByPool + answer.RemovedByExclusion + answer.RemovedByPurchased);
            Assert.Equal([new SkippedId("no such product", SkipReason.UnknownProduct)], answer.Skipped.Kept);
        },
        iter: 150);

    [Fact]
    public void A_basket_that_repeats_a_users_history_is_answered_as_the_user()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(3);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var stored = new RecommendAnswer();
        var basket = new RecommendAnswer();
        for (var user = 0; user < content.UserIds.Count; user++)
        {
            var query = new RecommendQuery { TopK = 30, OnUnknown = UnknownUserPolicy.Empty };
            var history = model.Snapshot.History.Row(user);
            for (var i = history.Count - 1; i >= 0; i--)
            {
                var id = content.ProductIds[history.Product(i)];
                query.Recent.Add(
                    new RecentBehavior(
                        id, (BehaviorType)history.Type(i), model.Snapshot.ScopeDays - history.Day(i), 1));
            }

            if (query.Recent.Count > 0)
            {
                Recommender.Recommend(model, query, basket);
                Recommender.Recommend(model, new RecommendQuery { TopK = 30, UserId = content.UserIds[user] }, stored);
                Assert.Equal(stored.Products.ToArray(), basket.Products.ToArray());
            }
        }
    }

    [Fact]
    public void A_basket_of_a_known_user_is_scored_with_the_users_history()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(4);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var query = new RecommendQuery { TopK = 30, UserId = content.UserIds[1] };
        query.Recent.Add(new RecentBehavior("P7", BehaviorType.Purchase, 0.9, 2));
        query.Recent.Add(new RecentBehavior("P2", BehaviorType.View, 90, 1));
        query.Recent.Add(new RecentBehavior("gone", BehaviorType.Cart, 0, 1));
        var answer = new RecommendAnswer();
        Recommender.Recommend(model, query, answer);

        var builder = new ProfileBuilder(model.ProfileTables);
        builder.Begin();
        builder.Add(2, BehaviorType.View, 90);
        builder.Add(7, BehaviorType.Purchase, 0);
        for (var e = content.History.Offsets[1]; e < content.History.Offsets[2]; e++)
        {
            builder.Add(
                content.History.Products[e], (BehaviorType)content.History.Types[e], 365 - content.History.Days[e]);
        }

        builder.Finish(content.ProductRepeat);
        var row = builder.Row;
        var history = new Engine.Snapshots.Writing.SparseContent(
            [0, row.History.Count], row.History.Indices.ToArray(), row.History.Values.ToArray());
        var own = row.Own.Values.ToArray();
        var vector =
            new FoldIn(model.Snapshot).Solve(row.Weights, builder.UserRate)[..content.ProductFactors.Columns].ToArray();
        var expected = PlainModel.Best(
            Enumerable.Range(0, 30)
                .Select(p => new ScoredRow(p, PlainModel.Score(content, vector, history, own, 0, p))),
            30);
        Assert.Equal(expected, answer.Products.Rows());
        Assert.Equal(ScoreSource.UserAndRecent, answer.Source);
        Assert.Equal([new SkippedId("gone", SkipReason.UnknownProduct)], answer.Skipped.Kept);
    }

    [Fact]
    public void Unknown_users_are_treated_as_the_request_says()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(5);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var answer = new RecommendAnswer();
        var query = new RecommendQuery { UserId = "nobody", TopK = 5 };
        Assert.Throws<UnknownIdException>(() => Recommender.Recommend(model, query, answer));

        query.OnUnknown = UnknownUserPolicy.Empty;
        Recommender.Recommend(model, query, answer);
        Assert.Equal(0, answer.Products.Length);
        Assert.Equal(ScoreSource.None, answer.Source);

        query.OnUnknown = UnknownUserPolicy.PopularInPool;
        Recommender.Recommend(model, query, answer);
        Assert.Equal(ScoreSource.Popularity, answer.Source);
        var expected = PlainModel.Best(content.ProductBuyers.Select((count, p) => new ScoredRow(p, count)), 5);
        Assert.Equal(expected, answer.Products.Rows());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_001)]
    public void Top_k_out_of_range_is_refused_with_the_range(int topK)
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(6), folder));
        var query = new RecommendQuery { UserId = "user-0é", TopK = topK };
        var error = Assert.Throws<InputException>(() => Recommender.Recommend(model, query, new RecommendAnswer()));
        Assert.Equal($"found top_k = {topK}, expected 1..10000", error.Message);
    }
}
