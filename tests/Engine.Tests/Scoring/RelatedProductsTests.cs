using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class RelatedProductsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_stored_pair_comes_out_with_its_figures(bool stored)
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(31);
        content = stored ? RandomSnapshot.WithPartials(content, 5) : content;
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var answer = new RelatedAnswer();
        for (var product = 0; product < content.ProductIds.Count; product++)
        {
            RelatedProducts.Find(
                model,
                new RelatedQuery { ProductId = content.ProductIds[product], TopK = 100, MinSupport = 1 },
                answer);
            var first = (int)content.Related.Offsets[product];
            Assert.Equal((int)content.Related.Offsets[product + 1] - first, answer.Products.Count);
            for (var n = 0; n < answer.Products.Count; n++)
            {
                var found = answer.Products[n];
                var other = content.Related.Products[first + n];
                var (support, buyers) =
                    ((double)content.Related.Supports[first + n], Math.Max(1, content.ProductBuyers[product]));
                Assert.Equal(other, found.Product.Value);
                Assert.Equal(stored ? content.Related.Partials![first + n] : null, found.PartialCorrelation);
                Assert.Equal(support / buyers, found.Figures.Confidence, 12);
                Assert.Equal(
                    support * content.UserIds.Count / buyers / Math.Max(1, content.ProductBuyers[other]),
                    found.Figures.Lift,
                    9);
            }
        }
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    public void Pairs_below_the_minimum_support_are_left_out_and_counted(int? asked, int least)
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(32);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var (answer, query) = (new RelatedAnswer(), new RelatedQuery { TopK = 100 });
        query.MinSupport = asked ?? query.MinSupport;
        var leftOut = 0;
        for (var product = 0; product < content.ProductIds.Count; product++)
        {
            query.ProductId = content.ProductIds[product];
            RelatedProducts.Find(model, query, answer);
            var stored = Enumerable
                .Range(
                    (int)content.Related.Offsets[product],
                    (int)(content.Related.Offsets[product + 1] - content.Related.Offsets[product]))
                .ToArray();
            Assert.Equal(
                stored.Where(n => content.Related.Supports[n] >= least).Select(n => content.Related.Products[n]),
                answer.Products.Select(found => found.Product.Value));
            Assert.Equal(answer.Products.Count, answer.EligibleCount);
            Assert.Equal(stored.Length, answer.EligibleCount + answer.BelowMinSupportCount);
            leftOut += answer.BelowMinSupportCount;
        }

        Assert.Equal(least > 1, leftOut > 0);
        query.MinSupport = 0;
        Assert.Contains(
            "min_support",
            Assert.Throws<InputException>(() => RelatedProducts.Find(model, query, answer)).Message,
            StringComparison.Ordinal);
    }
}
