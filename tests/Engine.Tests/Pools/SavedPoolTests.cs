using Engine.Server.Configuration;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Commands;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Tests.Scoring;
using Tests.Shared;
using ScoredRow = Engine.Kernels.Search.ScoredRow;

namespace Engine.Tests.Pools;

/// <summary>
/// Saved pools: kept through restarts and crashes, resolved anew for each snapshot, the same answers as a plain loop.
/// </summary>
public sealed class SavedPoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Saves_survive_a_restart_and_a_crash_while_saving()
    {
        var store = new PoolStore(_folder.Path, new CallLimits());
        Assert.Equal(1, store.Save(new PoolDefinition("tea & 茶", "category = 'Tea'", [])).Version);
        Assert.Equal(2, store.Save(new PoolDefinition("tea & 茶", "category = 'Coffee'", ["P1"])).Version);
        store.Save(new PoolDefinition("Tea", "", ["a", "b"]));
        // What a crash leaves: a file that never got its name.
        File.WriteAllText(Path.Combine(_folder.Path, "pools", ".0123.partial"), "{ \"name\": \"te");

        var restarted = new PoolStore(_folder.Path, new CallLimits());
        Assert.Equal(["Tea", "tea & 茶"], restarted.List().Select(pool => pool.Name));
        Assert.Equal("category = 'Coffee'", restarted.Get("tea & 茶").Rule);
        Assert.Equal(["P1"], restarted.Get("tea & 茶").ProductIds);
        Assert.Throws<NotFoundException>(() => restarted.Get("TEA"));

        // Earlier versions stay readable.
        Assert.Equal("category = 'Tea'", restarted.Get("tea & 茶", 1).Rule);
        Assert.Equal("category = 'Coffee'", restarted.Get("tea & 茶", 2).Rule);
        Assert.Throws<NotFoundException>(() => restarted.Get("tea & 茶", 3));
        Assert.Throws<NotFoundException>(() => restarted.Get("Tea", 2));

        // Another process sees it without a restart, also the deletion.
        store.Delete("Tea");
        Assert.Throws<NotFoundException>(() => restarted.Get("Tea"));
        Assert.Throws<FieldException>(() => store.Save(new PoolDefinition("", "price < 3", [])));
    }

    [Fact]
    public void A_pool_is_resolved_once_for_each_snapshot_and_says_what_is_out_of_scope()
    {
        var definition = new PoolDefinition("mine", "", ["P1", "P25", "P1", "gone"]);
        using var large = Model(products: 30);
        using var small = Model(products: 20);
        Assert.Same(large.Resolve(definition), large.Resolve(definition));
        Assert.Equal((2, 1, 3), Counts(large.Resolve(definition)));
        Assert.Equal((1, 2, 3), Counts(small.Resolve(definition)));
        Assert.Equal("", CatalogAnswers.Describe(small, definition).Problem);
        Assert.Contains(
            "no product of the snapshot is in the pool",
            CatalogAnswers.Describe(small, new PoolDefinition("typo", "product_id = 'P-1'", [])).Problem,
            StringComparison.Ordinal);

        static (int Held, int OutOfScope, int Declared) Counts(
            ResolvedPool pool) => (pool.Count, pool.OutOfScopeCount, pool.DeclaredCount);
    }

    [Theory]
    [InlineData("category = 'tea'", "category = 'tea' holds none: the snapshot has 'Tea'")]
    [InlineData("category in ('x', ' TEA')", "category in ('x', ' TEA') holds none: the snapshot has 'Tea'")]
    [InlineData("category starts with 'te'", "category starts with 'te' holds none: the snapshot has 'Tea'")]
    [InlineData("sizes contains all ('m', 'L') and price > 0", "holds none: the snapshot has 'M'")]
    [InlineData("product_id = 'p1'", "product_id = 'p1' holds none: the snapshot has 'P1'")]
    [InlineData("price between 20 and 5", "price between 20 and 5 holds none: its first value lies above its second")]
    [InlineData(
        "launched between last_day and '1970-01-05'",
        "launched between last_day and '1970-01-05' holds none: its first value lies above its second")]
    [InlineData("launched = '2030-01-01'", "launched = '2030-01-01' holds none")]
    [InlineData("category contains ' x'", "category contains ' x' holds none")]
    [InlineData("category = 'Wine' or price > 1000", "category = 'Wine' holds none; price > 1000 holds none")]
    [InlineData("category = 'Tea' except price is empty or price > -1000", "check its ids and values")]
    public void An_empty_pool_names_the_condition_that_holds_nothing_and_what_is_alike(string rule, string words)
    {
        using var model = Model(products: 30);
        var catalog = new WorkspaceCatalog(_folder.Path);
        var saved = catalog.Pools.Save(new PoolDefinition("typo", rule, []));
        var problem = CatalogAnswers.Describe(model, saved).Problem;
        Assert.StartsWith("no product of the snapshot is in the pool: ", problem, StringComparison.Ordinal);
        Assert.EndsWith(words, problem, StringComparison.Ordinal);

        // The same words wherever the pool or the rule is used.
        var user = model.Snapshot.UserIds.Get(0);
        var clock = CallClock.Start(TimeProvider.System);
        foreach (var pool in new[] { new PoolFilter { Pool = "typo" }, new PoolFilter { Rule = rule } })
        {
            Assert.Contains(problem, RecommendCall.Answer(
                model, catalog, new RecommendRequest { UserId = user, Pool = pool }, clock).Warnings);
            Assert.Contains(problem, RelatedCall.Answer(
                model, catalog, new RelatedProductsRequest { ProductId = "P1", Pool = pool }, clock).Warnings);
            Assert.Contains(problem, RankUsersCall.Answer(
                model, catalog, new RankUsersRequest { Pool = pool }, clock).First().Warnings);
            var tags = new RankTagValuesRequest { UserId = user, Tag = "category", Pool = pool };
            Assert.Contains(problem, RankTagValuesCall.Answer(model, catalog, tags, clock).Warnings);
        }

        var placement = new Placement { Name = "slot", Rule = rule };
        Assert.Equal(problem, PlacementAnswers.Save(
            model, catalog, new SavePlacementRequest { Placement = placement }).Problem);
        Assert.Equal(problem, PlacementAnswers.Save(
            model,
            catalog,
            new SavePlacementRequest { Placement = new Placement { Name = "slot", Pool = "typo" } }).Problem);
        Assert.Contains(problem, PlacementCall.Answer(
            model, catalog, new RecommendPlacementRequest { Trial = placement }, clock).Warnings);
        Assert.Contains(problem, AudienceAnswers.Save(model, catalog, new SaveAudienceRequest
        {
            Name = "did",
            Behavior = new BehaviorAudience { Types_ = { BehaviorType.Purchase }, Rule = rule },
        }).Notes);
        Assert.Contains($"the result is empty: {problem}", TaskCreation.Of(
            model, catalog, new CreateTaskRequest { PoolRule = rule }, DateTimeOffset.UnixEpoch).Record.Notes);
    }

    [Theory]
    [InlineData("price < 10")]
    [InlineData("category = 'Tea' or price is empty")]
    [InlineData("price > 1000")]
    public void Recommend_in_a_saved_pool_and_a_rule_equals_the_plain_loop(string rule)
    {
        var content = RandomSnapshot.Content(seed: 9, users: 20, products: 200);
        using var model = new ScoringModel(RandomSnapshot.Open(content, _folder));
        var catalog = new WorkspaceCatalog(_folder.Path);
        catalog.Pools.Save(new PoolDefinition("saved", rule, []));
        var pool = model.Resolve(catalog.Pools.Get("saved"));
        var held = Enumerable.Range(0, 200).Where(product => (pool.Words[product / 64] >> product & 1) != 0).ToArray();
        for (var user = 0; user < 20; user++)
        {
            var excluded = held.Take(user % 3).ToArray();
            var request = new RecommendRequest
            {
                UserId = content.UserIds[user],
                TopK = 15,
                ExcludeProductIds = { excluded.Select(product => content.ProductIds[product]) },
            };
            request.Pool = new PoolFilter { Pool = "saved" };
            var saved = RecommendCall.Answer(model, catalog, request, CallClock.Start(TimeProvider.System));
            request.Pool = new PoolFilter { Rule = rule };
            var inline = RecommendCall.Answer(model, catalog, request, CallClock.Start(TimeProvider.System));

            var expected =
                PlainModel.Best(
                    held.Except(excluded)
                        .Select(product => new ScoredRow(product, PlainModel.Score(content, user, product))),
                    15);
            Assert.Equal(
                expected.Select(product => (content.ProductIds[product.Ordinal], product.Score)),
                saved.Products.Select(product => (product.ProductId, product.Score)));
            Assert.Equal(saved.Products, inline.Products);
            Assert.Equal(saved.ProductCount, saved.EligibleCount + saved.Removed.Sum(clause => clause.Removed));
            Assert.Equal("pool", saved.Removed[0].Clause);
            Assert.Equal("pool_rule", inline.Removed[0].Clause);
        }
    }

    [Fact]
    public void A_word_of_the_command_line_that_means_two_things_is_refused()
    {
        using var model = Model(products: 30);
        var catalog = new WorkspaceCatalog(_folder.Path);
        Assert.Null(BatchSources.Pool(model, catalog, "all"));
        Assert.Equal(40, BatchSources.Audience(model, catalog, "all").InScopeCount);
        catalog.Pools.Save(new PoolDefinition("all", "", ["P1"]));
        catalog.Audiences.Save("all", "", "ids", ["user-1é"]);
        Assert.Contains(
            "found --pool 'all', which is every product and a saved pool",
            Assert.Throws<InputException>(() => BatchSources.Pool(model, catalog, "all")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "found --audience 'all', which is every user and a saved audience",
            Assert.Throws<InputException>(() => BatchSources.Audience(model, catalog, "all")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_is_the_same_rule_as_its_text()
    {
        using var model = Model(products: 30);
        const string Rule = "(category in ('Tea', 'Co''ffee') and not price between -1.5 and 20) or launched > "
            + "last_day - 30 days or sizes contains all ('L', 'M') except price is empty except launched = 1970-01-05";
        var preview = CatalogAnswers.Preview(model, new PreviewPoolRequest { Rule = Rule });
        var again = CatalogAnswers.Preview(model, new PreviewPoolRequest { Tree = preview.Tree });
        Assert.Equal(preview.Tree, again.Tree);
        Assert.Equal(preview.ProductCount, again.ProductCount);
        Assert.Throws<InputException>(() => RuleTexts.Of(new PoolRule()));
        var valued = preview.Tree.Except[0].Clone();
        valued.Condition.Values.Add(new Engine.Protos.V1.RuleValue { Number = 1 });
        Assert.Throws<InputException>(() => RuleTexts.Of(new PoolRule { Include = valued }));
    }

    private ScoringModel Model(int products) =>
        new(RandomSnapshot.Open(RandomSnapshot.Content(seed: 2, products: products), _folder));
}
