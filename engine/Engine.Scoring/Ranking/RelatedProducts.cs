using Engine.Scoring.Eligibility;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Snapshots;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Ranking;

/// <summary>
/// Products that the same users purchase, strongest first, with partial correlation, support, confidence and lift.
/// </summary>
public static class RelatedProducts
{
    /// <summary>
    /// Answers <paramref name="query"/> from <paramref name="model"/> into <paramref name="answer"/>.
    /// </summary>
    /// <exception cref="UnknownIdException">The product is not in the snapshot.</exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Find(
        ScoringModel model, RelatedQuery query, RelatedAnswer answer, CancellationToken cancellation = default)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        Require.Between("min_support", query.MinSupport, 1, int.MaxValue);
        answer.Clear();
        var snapshot = model.Snapshot;
        var product = Products.Find(snapshot, query.ProductId);
        var scratch = model.Rent();
        try
        {
            EligibleProducts.Resolve(
                snapshot, query.Filter, answer.Skipped, scratch.Eligible, scratch.Listed, cancellation);
            foreach (var (other, strength, support, partial) in snapshot.Related.Row(product))
            {
                if (!scratch.Eligible[other])
                {
                    continue;
                }

                if (support < query.MinSupport)
                {
                    answer.BelowMinSupportCount++;
                    continue;
                }

                answer.EligibleCount++;
                if (answer.Products.Count < query.TopK && !query.ValidateOnly)
                {
                    var figures = RelatedFigures.Of(snapshot, product, other, support);
                    answer.Add(new RelatedProduct(new ProductOrdinal(other), strength, figures, partial));
                }
            }
        }
        finally
        {
            model.Return(scratch);
        }
    }
}
