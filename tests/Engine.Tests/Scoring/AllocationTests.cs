using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Manifest;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class AllocationTests
{
    [Fact]
    public void Recommending_allocates_nothing_after_warm_up()
    {
        using var folder = new TemporaryFolder();
        using var host = new SnapshotHost();
        host.Swap(new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(1, products: 500), folder)));
        var query = new RecommendQuery { UserId = "user-3é", TopK = 50, Purchased = PurchasedPolicy.Exclude };
        query.Filter.ExcludedProductIds.Add("P5");
        query.Recent.Add(new RecentBehavior("P9", BehaviorType.Cart, 1, 1));
        var answer = new RecommendAnswer();
        Assert.Equal(0, Allocations.Least(() => Ask(host, query, answer, 200)));
        Assert.Equal(50, answer.Products.Length);
    }

    [Fact]
    public void A_basket_in_a_pool_allocates_nothing_after_warm_up()
    {
        using var folder = new TemporaryFolder();
        using var host = new SnapshotHost();
        host.Swap(new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(2, products: 500), folder)));
        var query = new RecommendQuery { TopK = 20 };
        query.Filter.HasPool = true;
        query.Filter.PoolProductIds.AddRange(Enumerable.Range(0, 100).Select(product => $"P{product * 3}"));
        query.Recent.AddRange(
            Enumerable.Range(0, 5)
                .Select(product => new RecentBehavior($"P{product * 7}", BehaviorType.Purchase, 1, 1)));
        var answer = new RecommendAnswer();
        Assert.Equal(0, Allocations.Least(() => Ask(host, query, answer, 1000)));
        Assert.Equal(20, answer.Products.Length);
    }

    [Fact]
    public void Ranking_users_allocates_nothing_after_warm_up()
    {
        using var folder = new TemporaryFolder();
        using var host = new SnapshotHost();
        host.Swap(new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(1, users: 300), folder)));
        var query = new RankUsersQuery { ProductId = "P3", TopK = 100, Purchased = PurchasedPolicy.Exclude };
        var answer = new RankUsersAnswer();
        Assert.Equal(0, Allocations.Least(() => Rank(host, query, answer, 200)));
        Assert.Equal(100, answer.Users.Length);
    }

    private static void Ask(SnapshotHost host, RecommendQuery query, RecommendAnswer answer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var lease = host.Acquire();
            Recommender.Recommend(lease.Model, query, answer);
        }
    }

    private static void Rank(SnapshotHost host, RankUsersQuery query, RankUsersAnswer answer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var lease = host.Acquire();
            UserRanker.Rank(lease.Model, query, answer);
        }
    }
}
