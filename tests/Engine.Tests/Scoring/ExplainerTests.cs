using CsCheck;
using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class ExplainerTests
{
    private static readonly Gen<(int Seed, int Users, int Products, int Factors, float Scale, int Similar)> Shapes =
        Gen.Select(
            Gen.Int[0, 1 << 20],
            Gen.Int[1, 12],
            Gen.Int[1, 60],
            Gen.Int[0, 40],
            Gen.OneOf(Gen.Const(0f), Gen.Const(1e-30f), Gen.Const(1e-18f), Gen.Const(1f), Gen.Const(1e6f)),
            Gen.Int[0, 6]);

    [Fact]
    public void Terms_add_up_to_the_served_score_within_the_stated_bound() => Shapes.Sample(
        shape =>
        {
            using var folder = new TemporaryFolder();
            var content = RandomSnapshot.Content(
                shape.Seed, shape.Users, shape.Products, shape.Factors, shape.Scale, shape.Similar);
            using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
            var query = QueryOf(new Random(shape.Seed), content.UserIds, content.ProductIds);
            var answer = new RecommendAnswer();
            Recommender.Recommend(model, query, answer);
            Assert.Equal(answer.Products.Length, answer.Explanations.Count);
            var single = new ExplainAnswer();
            for (var i = 0; i < answer.Products.Length; i++)
            {
                var product = answer.Products[i];
                Assert.Equal(product.Score, answer.Explanations.Score(i));
                AssertAddsUp(answer.Explanations, i);

                Explainer.Explain(model, query, content.ProductIds[product.Product.Value], single);
                Assert.Equal(product.Product, single.Product);
                Assert.Equal(product.Score, single.Explanations.Score(0));
                Assert.Equal(answer.Explanations.Terms(i).ToArray(), single.Explanations.Terms(0).ToArray());
                Assert.Equal(answer.Source, single.Source);
            }
        },
        iter: 150);

    [Fact]
    public void Terms_name_the_products_of_the_history_that_bring_them()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(3);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var answer = new ExplainAnswer();
        Explainer.Explain(model, Basket("P4", "P9"), "P9", answer);
        var terms = answer.Explanations.Terms(0).ToArray();
        Assert.Equal(
            [TermKind.Factors, TermKind.ProductRate, TermKind.UserRate], terms.Take(3).Select(term => term.Kind));
        Assert.Equal(new ScoreTerm(TermKind.ProductRate, null, content.ProductFactors.Row(9)[8]), terms[1]);
        Assert.Equal(new ProductOrdinal(9), Assert.Single(terms, term => term.Kind == TermKind.OwnHistory).Product);
        // Every product of these snapshots is similar to itself.
        Assert.Contains(terms, term => term is { Kind: TermKind.Similarity, Product.Value: 9 });
        Assert.All(terms.Skip(3), term => Assert.Contains(term.Product!.Value.Value, new[] { 4, 9 }));
        Assert.Equal(ScoreSource.Recent, answer.Source);
    }

    [Fact]
    public void Popularity_is_explained_by_purchasers()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(5), folder));
        var answer = new RecommendAnswer();
        var query = new RecommendQuery
        {
            UserId = "nobody",
            OnUnknown = UnknownUserPolicy.PopularInPool,
            Explain = true,
        };
        Recommender.Recommend(model, query, answer);
        Assert.Equal(
            [new ScoreTerm(TermKind.Purchasers, null, answer.Products[0].Score)],
            answer.Explanations.Terms(0).ToArray());
    }

    [Fact]
    public void Unknown_users_and_products_are_refused()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(5), folder));
        var answer = new ExplainAnswer();
        Assert.Throws<UnknownIdException>(() => Explainer.Explain(model, Basket("P4"), "gone", answer));
        Assert.Throws<UnknownIdException>(
            () => Explainer.Explain(model, new RecommendQuery { UserId = "nobody" }, "P1", answer));
        Assert.Throws<InputException>(() => Explainer.Explain(model, new RecommendQuery(), "P1", answer));
    }

    private static void AssertAddsUp(Explanations explanations, int index)
    {
        // In double, fp32 terms of any size add up with an error far below the bound's slack of one rounding in fp32.
        var sum = 0.0;
        foreach (var term in explanations.Terms(index))
        {
            sum += term.Value;
        }

        Assert.InRange(Math.Abs(sum - explanations.Score(index)), 0, explanations.Bound(index));
    }

    private static RecommendQuery QueryOf(Random random, IReadOnlyList<string> users, IReadOnlyList<string> products)
    {
        var query = new RecommendQuery
        {
            UserId = users[random.Next(users.Count)],
            TopK = products.Count,
            Explain = true,
        };
        for (var i = random.Next(4); i > 0; i--)
        {
            query.Recent.Add(
                new RecentBehavior(
                    products[random.Next(products.Count)], (BehaviorType)random.Next(1, 5), random.Next(100), 1));
        }

        return query;
    }

    private static RecommendQuery Basket(params string[] products)
    {
        var query = new RecommendQuery();
        query.Recent.AddRange(products.Select(id => new RecentBehavior(id, BehaviorType.Purchase, 1, 1)));
        return query;
    }
}
