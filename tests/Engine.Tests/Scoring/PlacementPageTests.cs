using CsCheck;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Scoring.Queries;
using Tests.Shared;

namespace Engine.Tests.Scoring;

/// <summary>The placements of one page.</summary>
public sealed class PlacementPageTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_page_shows_no_product_twice_and_nothing_that_is_on_it()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(9, products: 60);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var (page, answer) = (new PlacementPage(), new PlacementAnswer());
        page.Begin(model);
        var shown = new HashSet<int>();
        var query = new PlacementQuery { UserId = content.UserIds[2], Now = Now, PageProductIds = { "P1", "P2" } };
        foreach (var (top, minimum, expected) in ((int, int, int)[])[(20, 0, 20), (30, 0, 30), (10, 9, 0), (10, 8, 8)])
        {
            query.Definition = new PlacementDefinition("slot") { TopK = top, MinimumCount = minimum };
            PlacementRecommender.Recommend(model, query, answer, page);
            Assert.Equal(expected, answer.Rows.Length);
            Assert.Equal(expected == 0 ? 8 : 0, answer.BelowMinimum);
            Assert.All(answer.Rows.ToArray(), row => Assert.True(shown.Add(row.Product.Value)));
        }

        Assert.Equal(58, shown.Count);
        Assert.DoesNotContain(1, shown);
    }

    [Fact]
    public void Each_placement_of_a_page_is_scored_for_its_own_shopper()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(9, products: 60);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var (page, answer, alone) = (new PlacementPage(), new PlacementAnswer(), new PlacementAnswer());
        page.Begin(model);
        var query = new PlacementQuery { Now = Now, Definition = new PlacementDefinition("slot") { TopK = 10 } };
        var shown = new List<string>();
        foreach (var user in (int[])[2, 2, 3, 2])
        {
            query.UserId = content.UserIds[user];
            query.PageProductIds.Clear();
            PlacementRecommender.Recommend(model, query, answer, page);
            query.PageProductIds.AddRange(shown);
            PlacementRecommender.Recommend(model, query, alone);
            Assert.Equal(alone.Rows.ToArray(), answer.Rows.ToArray());
            shown.AddRange(answer.Rows.ToArray().Select(row => content.ProductIds[row.Product.Value]));
        }

        Assert.Equal(40, shown.Distinct().Count());
    }

    /// <summary>One search may serve all of a page: each list is the one that it would be on its own.</summary>
    [Fact]
    public void Each_placement_of_a_page_is_the_list_without_what_the_others_show() =>
        Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[1, 300]).Sample(
            (seed, products) =>
            {
                using var folder = new TemporaryFolder();
                var content = RandomSnapshot.Content(seed, 5, products, factors: 6, similar: 6);
                using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
                var (page, answer, alone) = (new PlacementPage(), new PlacementAnswer(), new PlacementAnswer());
                for (var trial = 0; trial < 6; trial++)
                {
                    var random = new Random(seed + trial);
                    var slots = Enumerable.Range(0, 4)
                        .Select(_ => random.Next(2) > 0
                            ? PlacementTests.Random(random, products)
                            : PlacementTests.Deep(random, products) with { Purchased = (PurchasedPolicy)random.Next(3) })
                        .ToList();
                    page.Begin(model, random.Next(3) > 0 ? slots : null);
                    var query = new PlacementQuery { UserId = content.UserIds[random.Next(5)], Now = Now };
                    var shown = new List<string>();
                    foreach (var slot in slots)
                    {
                        query.UserId = random.Next(4) > 0 ? query.UserId : content.UserIds[random.Next(5)];
                        query.PageProductIds.Clear();
                        var free = slot with { Sources = [.. slot.Sources.Where(IsFull)] };
                        query.Definition = free.Sources.Count > 0 ? free : slot with { Sources = [PlacementSource.User] };
                        PlacementRecommender.Recommend(model, query, answer, page);
                        query.PageProductIds.AddRange(shown);
                        PlacementRecommender.Recommend(model, query, alone);
                        Assert.Equal(alone.Rows.ToArray(), answer.Rows.ToArray());
                        Assert.Equal(alone.Effects.ToArray(), answer.Effects.ToArray());
                        shown.AddRange(answer.Rows.ToArray().Select(row => content.ProductIds[row.Product.Value]));
                    }
                }
            },
            iter: 30);

    // Related products come from the page's products, which the other call is given more of.
    private static bool IsFull(PlacementSource source) => source != PlacementSource.Related;
}
