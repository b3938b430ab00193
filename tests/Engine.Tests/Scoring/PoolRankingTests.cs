using CsCheck;
using Engine.Kernels.Search;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class PoolRankingTests
{
    private static readonly string[] Categories = ["Coffee", "Tea", "Water"];

    private static readonly Gen<(int Seed, int Users, int Products, float Scale)> Shapes = Gen.Select(
        Gen.Int[0, 1 << 20],
        Gen.Int[1, 200],
        Gen.Int[1, 120],
        Gen.OneOf(Gen.Const(0f), Gen.Const(1f), Gen.Const(1e6f)));

    [Fact]
    public void Users_for_a_pool_are_those_of_the_plain_loop_bit_for_bit() => Shapes.Sample(
        shape =>
        {
            using var folder = new TemporaryFolder();
            var content = RandomSnapshot.Content(shape.Seed, shape.Users, shape.Products, factors: 6, shape.Scale);
            using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
            var random = new Random(shape.Seed);
            int[] pool = [.. Enumerable.Range(0, shape.Products).Where(_ => random.Next(3) == 0)];
            var k = random.Next(1, shape.Users + 2);
            foreach (var by in Enum.GetValues<PoolScore>())
            {
                var policy = (PurchasedPolicy)random.Next(3);
                var answer = new RankUsersAnswer();
                var query = new RankUsersQuery { TopK = k, By = by, Purchased = policy };
                query.Pool = FilterOf(model, content, pool, random.Next(2) == 0);
                UserRanker.Rank(model, query, answer);
                int[] users =
                [
                    .. Enumerable.Range(0, shape.Users).Where(user => pool.Length > 0 && (
                        policy == PurchasedPolicy.Include
                        || PlainModel.Purchased(content, user).Overlaps(pool) == (policy == PurchasedPolicy.Only))),
                ];
                Assert.Equal(
                    PlainModel.Best(users.Select(user => new ScoredRow(user, Score(content, user, pool, by))), k),
                    answer.Users.Rows());
                Assert.Equal(users.Length, answer.EligibleCount);
                Assert.Equal(pool.Length, answer.ProductCount);
                for (var i = 0; i < answer.BestProducts.Count; i++)
                {
                    var user = answer.Users[i].User.Value;
                    Assert.Equal(Best(content, user, pool).Ordinal, answer.BestProducts[i].Value);
                }

                Assert.Equal(by == PoolScore.Best ? answer.Users.Length : 0, answer.BestProducts.Count);
            }
        },
        iter: 60);

    [Fact]
    public void Values_of_a_tag_are_ranked_by_the_plain_definition() => Shapes.Sample(
        shape =>
        {
            using var folder = new TemporaryFolder();
            var content = RandomSnapshot.Content(shape.Seed, 8, shape.Products, factors: 6, shape.Scale);
            using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
            var random = new Random(shape.Seed);
            int[] pool = [.. Enumerable.Range(0, shape.Products).Where(_ => random.Next(4) > 0)];
            var user = random.Next(8);
            foreach (var (by, tag) in ((PoolScore By, string Tag)[])[
                (PoolScore.Best, "category"), (PoolScore.Mean, "Category"), (PoolScore.Best, "sizes")])
            {
                var (query, answer) = (new TagValueQuery { Tag = tag, By = by, TopK = 2 }, new TagValueAnswer());
                query.Shopper.UserId = content.UserIds[user];
                query.Shopper.Purchased = (PurchasedPolicy)random.Next(2);
                query.Shopper.Filter.SavedPool = FilterOf(model, content, pool, isSaved: true).SavedPool;
                TagValueRanker.Rank(model, query, answer);
                var bought = query.Shopper.Purchased == PurchasedPolicy.Exclude
                    ? PlainModel.Purchased(content, user)
                    : [];
                string[] words = tag == "sizes" ? ["L", "M"] : Categories;
                var values = words
                    .Select((word, code) => (Word: word, Code: code, Products: pool.Where(p => !bought.Contains(p)
                        && (tag == "sizes" || (p % 4) - 1 == code)).ToArray()))
                    .Where(value => value.Products.Length > 0)
                    .ToArray();
                var expected = PlainModel.Best(
                    values.Select(value => new ScoredRow(value.Code, Score(content, user, value.Products, by))), 2);
                Assert.Equal(
                    expected.Select(row => (words[row.Ordinal], row.Score, values.First(v => v.Code == row.Ordinal)
                        .Products.Length)),
                    answer.Values.Select(value => (value.Value, value.Score, value.Products)));
                Assert.Equal(values.Length, answer.ValueCount);
                foreach (var value in answer.Values.Where(_ => by == PoolScore.Best))
                {
                    var products = values.First(one => one.Word == value.Value).Products;
                    Assert.Equal(Best(content, user, products).Ordinal, value.Best!.Value.Value);
                }
            }
        },
        iter: 60);

    [Fact]
    public void A_value_scores_the_same_from_the_side_of_users_and_of_values()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(17, users: 70, products: 90);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        foreach (var by in Enum.GetValues<PoolScore>())
        {
            var users = new RankUsersAnswer();
            UserRanker.Rank(
                model,
                new RankUsersQuery
                {
                    TopK = 70,
                    By = by,
                    Pool = new ProductFilter { Rule = model.Resolve(PoolDefinition.OfRule("category = 'Tea'")) },
                },
                users);
            Assert.Equal(70, users.Users.Length);
            foreach (var user in users.Users)
            {
                var (query, values) = (new TagValueQuery { Tag = "category", By = by }, new TagValueAnswer());
                query.Shopper.UserId = content.UserIds[user.User.Value];
                TagValueRanker.Rank(model, query, values);
                Assert.Equal(user.Score, values.Values.Single(value => value.Value == "Tea").Score);
            }
        }
    }

    [Fact]
    public void A_tag_that_is_no_text_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(1), folder));
        var query = new TagValueQuery { Tag = "price" };
        query.Shopper.UserId = "user-1é";
        var refused = Assert.Throws<InputException>(() => TagValueRanker.Rank(model, query, new TagValueAnswer()));
        Assert.Equal("found tag = 'price', expected a text tag, one of Category, Sizes", refused.Message);
    }

    private static ProductFilter FilterOf(ScoringModel model, SnapshotContent content, int[] pool, bool isSaved)
    {
        var filter = new ProductFilter();
        string[] ids = [.. pool.Select(product => content.ProductIds[product])];
        if (isSaved)
        {
            filter.SavedPool = model.Resolve(PoolDefinition.OfIds(ids));
        }
        else
        {
            filter.HasPool = true;
            filter.PoolProductIds.AddRange(ids);
        }

        return filter;
    }

    private static ScoredRow Best(SnapshotContent content, int user, int[] products) => PlainModel.Best(
        products.Select(product => new ScoredRow(product, PlainModel.Score(content, user, product))), 1)[0];

    private static float Score(SnapshotContent content, int user, int[] products, PoolScore by) =>
        by == PoolScore.Best ? Best(content, user, products).Score : PlainModel.Mean(content, user, products);
}
