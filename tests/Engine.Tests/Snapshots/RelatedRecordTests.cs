using Engine.Snapshots.Format;
using Engine.Snapshots.Mapping;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public class RelatedRecordTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(100_000, 17)]
    [InlineData(131_072, 17)]
    [InlineData(131_073, 18)]
    [InlineData(1 << 23, 23)]
    public void A_record_holds_the_largest_of_everything(int products, int bits)
    {
        var record = RelatedRecord.Of(products)!.Value;
        Assert.Equal(bits, record.ProductBits);
        Assert.Equal((1L << (31 - bits)) - 1, record.LargeSupport);
        foreach (var product in new[] { 0, Math.Max(0, products - 1) })
        {
            foreach (var support in new[] { 0, 1, record.LargeSupport - 1, record.LargeSupport, int.MaxValue })
            {
                foreach (var partial in new[] { false, true })
                {
                    var packed = record.Pack(product, partial, support);
                    Assert.Equal(
                        (product, partial, Math.Min(support, record.LargeSupport)),
                        (record.Product(packed), record.HasPartial(packed), record.Support(packed)));
                }
            }
        }
    }

    [Fact]
    public void More_products_are_not_packed() => Assert.Null(RelatedRecord.Of((1 << 23) + 1));

    [Fact]
    public void Supports_that_do_not_fit_come_back_from_their_list()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.WithPartials(RandomSnapshot.Content(35), 5);
        var large = RelatedRecord.Of(content.ProductIds.Count)!.Value.LargeSupport;
        int[] supports = [1, large - 1, large, large + 1, int.MaxValue];
        var related = content.Related with
        {
            Supports = [.. content.Related.Products.Select((_, e) => supports[e % supports.Length])],
        };
        using var snapshot = RandomSnapshot.Open(content with { Related = related }, folder);
        var found = new List<RelatedPair>();
        for (var product = 0; product < content.ProductIds.Count; product++)
        {
            foreach (var pair in snapshot.Related.Row(product))
            {
                found.Add(pair);
            }
        }

        Assert.Equal(
            related.Products.Select((other, e) => new RelatedPair(
                other, related.Strengths[e], related.Supports[e], related.Partials![e])),
            found);
    }
}
