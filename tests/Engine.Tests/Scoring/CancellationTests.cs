using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Manifest;
using Tests.Shared;

namespace Engine.Tests.Scoring;

/// <summary>
/// Every question ends when its caller has gone, and the next one is answered as if nothing had been.
/// </summary>
public sealed class CancellationTests : IDisposable
{
    private static readonly CancellationToken Canceled = new(canceled: true);
    private readonly TemporaryFolder _folder = new();
    private readonly ScoringModel _model;

    public CancellationTests() =>
        _model =
            new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(seed: 11, users: 400, products: 130), _folder));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void No_id_of_an_audience_is_read_after_the_cancellation()
    {
        using var cancel = new CancellationTokenSource();
        var read = 0;
        IEnumerable<string> Ids()
        {
            for (; read < 100_000; read++)
            {
                if (read == 1_000)
                {
                    cancel.Cancel();
                }

                yield return $"user-{read:x}é";
            }
        }

        Assert.Throws<OperationCanceledException>(() => AudienceMembers.Of(_model.Snapshot, Ids(), cancel.Token));
        Assert.Equal(1_000, read);
    }

    [Fact]
    public void Words_of_a_rule_are_judged_a_thousand_at_most_after_the_cancellation()
    {
        using var cancel = new CancellationTokenSource();
        var condition = Assert.Single(ResolvedPool.Parse("product_name contains ('a', 'b')").Conditions);
        var judged = 0;
        Assert.Throws<OperationCanceledException>(() => TextTest.Judge(
            100_000,
            _ =>
            {
                if (++judged == 2_000)
                {
                    cancel.Cancel();
                }

                return "tea"u8;
            },
            condition,
            cancel.Token));
        Assert.InRange(judged, 2_000, 3_024);
    }

    [Fact]
    public void Every_question_ends_and_the_next_one_is_answered_as_before()
    {
        var product = _model.Snapshot.ProductIds.Get(3);
        var pool = PoolDefinition.OfRule("price > 0 or category = 'Tea'");
        Action<CancellationToken>[] questions =
        [
            stop => UserRanker.Rank(
                _model, new RankUsersQuery { ProductId = product, TopK = 10 }, new RankUsersAnswer(), stop),
            stop => UserRanker.Rank(
                _model,
                new RankUsersQuery { ProductId = product, TopK = 0, EstimateCurve = true },
                new RankUsersAnswer(),
                stop),
            stop => AudienceRecommender.Recommend(_model, new AudienceQuery(), new RecommendAnswer(), stop),
            stop => Recommender.Recommend(
                _model, new RecommendQuery { UserId = _model.Snapshot.UserIds.Get(0) }, new RecommendAnswer(), stop),
            stop => BehaviorAudience.Find(
                _model.Snapshot,
                new BehaviorFilter { Types = new HashSet<BehaviorType> { BehaviorType.Purchase } },
                stop),
            stop => _model.Resolve(pool, stop),
            stop =>
                new RelatedCampaign
                {
                    ProductId = product,
                    Types = new HashSet<BehaviorType> { BehaviorType.Purchase },
                }.Resolve(
                    _model, null, new RelatedQuery(), stop),
        ];
        var before = Answer(product);
        foreach (var question in questions)
        {
            Assert.ThrowsAny<OperationCanceledException>(() => question(Canceled));
            question(CancellationToken.None);
        }

        Assert.Equal(before, Answer(product));
    }

    [Fact]
    public void A_pool_whose_resolution_was_canceled_is_resolved_by_the_next_call()
    {
        var pool = new PoolDefinition("tea", "price >= 0", []);
        var cost = _model.CostOf(pool);
        Assert.InRange(cost, 1, 1_000);
        Assert.ThrowsAny<OperationCanceledException>(() => _model.Resolve(pool, Canceled));
        Assert.Equal(cost, _model.CostOf(pool));
        Assert.Same(_model.Resolve(pool), _model.Resolve(pool));
        Assert.Equal(0, _model.CostOf(pool));
    }

    private (int, float)[] Answer(string product)
    {
        var (users, products) = (new RankUsersAnswer(), new RecommendAnswer());
        UserRanker.Rank(_model, new RankUsersQuery { ProductId = product, TopK = 50 }, users);
        AudienceRecommender.Recommend(_model, new AudienceQuery { TopK = 50 }, products);
        return [
            .. users.Users.ToArray().Select(user => (user.User.Value, user.Score)),
            .. products.Products.ToArray().Select(one => (one.Product.Value, one.Score)),
        ];
    }
}
