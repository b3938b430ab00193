using Trainer.Evaluation.Metrics;

namespace Trainer.Evaluation.Scorers;

/// <summary>Lets only some products compete.</summary>
/// <param name="scorer">Scores all.</param>
/// <param name="products">For each product whether it competes.</param>
public sealed class OnlyProducts(IItemScorer scorer, bool[] products) : IItemScorer
{
    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        scorer.Score(firstUser, count, scores, stride);
        for (var n = 0; n < count; n++)
        {
            var row = scores.Slice(n * stride, products.Length);
            for (var product = 0; product < products.Length; product++)
            {
                row[product] = products[product] ? row[product] : float.NegativeInfinity;
            }
        }
    }
}
