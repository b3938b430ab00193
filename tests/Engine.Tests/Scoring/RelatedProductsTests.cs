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
            RelatedProducts.Find(model, new RelatedQuery { ProductId = content.ProductIds[product], TopK = 100 }, answer);
            var first = (int)content.Related.Offsets[product];
            Assert.Equal((int)content.Related.Offsets[product + 1] - first, answer.Products.Count);
            for (var n = 0; n < answer.Products.Count; n++)
            {
                var found = answer.Products[n];
                var other = content.Related.Products[first + n];
                var (support, buyers) = ((double)content.Related.Supports[first + n], Math.Max(1, content.ProductBuyers[product]));
                Assert.Equal(other, found.Product.Value);
                Assert.Equal(stored ? content.Related.Partials![first + n] : null, found.PartialCorrelation);
                Assert.Equal(support / buyers, found.Figures.Confidence, 12);
                Assert.Equal(support * content.UserIds.Count / buyers / Math.Max(1, content.ProductBuyers[other]), found.Figures.Lift, 9);
            }
        }
    }
}
