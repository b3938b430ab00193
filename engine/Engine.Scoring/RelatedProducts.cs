using Engine.Model;
using Engine.Scoring.Hosting;
using Engine.Scoring.Queries;

namespace Engine.Scoring;

/// <summary>Products that the same users purchase, strongest first, with support, confidence and lift.</summary>
public static class RelatedProducts
{
    /// <summary>Answers <paramref name="query"/> from <paramref name="model"/> into <paramref name="answer"/>.</summary>
    /// <exception cref="UnknownIdException">The product is not in the snapshot.</exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public static void Find(ScoringModel model, RelatedQuery query, RelatedAnswer answer)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        answer.Clear();
        var snapshot = model.Snapshot;
        var product = Products.Find(snapshot, query.ProductId);
        var scratch = model.Rent();
        try
        {
            Eligibility.Resolve(snapshot, query.Filter, answer.Skipped, scratch);
            var row = snapshot.Related.Row(product);
            var buyers = (double)snapshot.ProductBuyers[product];
            for (var i = 0; i < row.Products.Length; i++)
            {
                var other = row.Products[i];
                if (!scratch.Eligible[other])
                {
                    continue;
                }

                answer.EligibleCount++;
                if (answer.Products.Count < query.TopK && !query.ValidateOnly)
                {
                    // Related products have purchasers; a file that says otherwise counts one, never divides by zero.
                    var confidence = row.Supports[i] / Math.Max(1, buyers);
                    var lift = confidence * snapshot.Manifest.UserCount / Math.Max(1, snapshot.ProductBuyers[other]);
                    answer.Add(new RelatedProduct(new ProductOrdinal(other), row.Strengths[i], row.Supports[i], confidence, lift));
                }
            }
        }
        finally
        {
            model.Return(scratch);
        }
    }
}
