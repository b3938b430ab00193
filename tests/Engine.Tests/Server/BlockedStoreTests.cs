using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Server;

public class BlockedStoreTests
{
    [Fact]
    public void Blocked_products_are_kept_in_order_over_restarts()
    {
        using var folder = new TemporaryFolder();
        var store = new BlockedStore(folder.File("workspace"));
        Assert.Empty(store.Current.ProductIds);
        store.Change(replace: false, [], ["b", "a", "b"]);
        var now = store.Change(replace: false, ["a", "never there"], ["c"]);
        Assert.Equal(["b", "c"], now.ProductIds);
        Assert.Equal(2, now.Version);

        var restarted = new BlockedStore(folder.File("workspace"));
        Assert.Equal(now.ProductIds, restarted.Current.ProductIds);
        Assert.Equal(2, restarted.Current.Version);
        Assert.Equal(["d"], restarted.Change(replace: true, [], ["d"], expected: 2).ProductIds);
        Assert.Throws<StateException>(() => store.Change(replace: true, [], ["e"], expected: 2));
        Assert.Equal(["d"], store.Current.ProductIds);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("null")]
    public void A_damaged_file_lets_no_product_back_in(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("blocked.json"), text);
        var store = new BlockedStore(Path.GetDirectoryName(folder.File("blocked.json"))!);
        Assert.Contains(
            "blocked.json", Assert.ThrowsAny<InputException>(() => store.Current).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<InputException>(() => store.Change(replace: true, [], ["a"]));
    }

    [Fact]
    public void A_change_is_resolved_before_requests_see_it()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(4), folder));
        var store = new BlockedStore(folder.File("workspace"));
        store.Change(replace: false, [], ["P1"]);
        ResolvedPool? resolved = null;
        store.Change(replace: false, [], ["P2"], prepare: pool =>
        {
            Assert.Equal(["P1"], store.Current.ProductIds);
            resolved = model.Resolve(pool);
        });
        Assert.Equal(["P1", "P2"], store.Current.ProductIds);
        Assert.Same(resolved, store.Resolve(model));
    }

    [Fact]
    public async Task A_request_waits_for_no_change_that_is_on_its_way()
    {
        using var folder = new TemporaryFolder();
        var (root, file) = (Path.GetDirectoryName(folder.File("blocked.json"))!, folder.File("blocked.json"));
        var store = new BlockedStore(root);
        store.Change(replace: false, [], ["a"]);
        Task<BlockedIds> change;
        using (WriterLock.Take(file + ".lock"))
        {
            change = Task.Run(() => store.Change(replace: false, [], ["b"]));
            await Task.Delay(300);

            // Another program has put the file back: its status is another one.
            var bytes = await System.IO.File.ReadAllBytesAsync(file);
            AtomicFile.Write(file, stream => stream.Write(bytes));
            var asked = Task.Run(() => store.Current.ProductIds);
            Assert.Equal(["a"], await asked.WaitAsync(TimeSpan.FromSeconds(20)));
        }

        Assert.Equal(["a", "b"], (await change).ProductIds);
        Assert.Equal(["a", "b"], store.Current.ProductIds);
    }

    [Fact]
    public void The_next_request_leaves_blocked_products_out_and_counts_them()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(4), folder));
        var store = new BlockedStore(folder.File("workspace"));
        var query = new RecommendQuery { UserId = "user-1é", TopK = 30 };
        var answer = new RecommendAnswer();
        query.Filter.Blocked = store.Resolve(model);
        Assert.Null(query.Filter.Blocked);
        Recommender.Recommend(model, query, answer);
        var best = answer.Products[0];

        store.Change(
            replace: false, [], [model.Snapshot.ProductIds.Get(best.Product.Value), "P3", "not in this snapshot"]);
        query.Filter.Blocked = store.Resolve(model);
        query.Filter.ExcludedProductIds.Add("P3");
        Recommender.Recommend(model, query, answer);
        var blocked = best.Product.Value == 3 ? 1 : 2;
        Assert.Equal(blocked, answer.RemovedByBlocked);
        Assert.Equal(0, answer.RemovedByExclusion);
        Assert.Equal(30 - blocked, answer.EligibleCount);
        Assert.DoesNotContain(
            answer.Products.ToArray(), product => product.Product == best.Product || product.Product.Value == 3);
        Assert.Empty(answer.Skipped.Kept);

        // In an inline pool the id is named.
        query.Filter.HasPool = true;
        query.Filter.PoolProductIds.AddRange(["P3", "P4", "P3"]);
        Recommender.Recommend(model, query, answer);
        Assert.Equal(
            [new SkippedId("P3", SkipReason.Blocked), new SkippedId("P3", SkipReason.Duplicate)], answer.Skipped.Kept);
    }
}
