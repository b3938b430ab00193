using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Scorers;

/// <summary>
/// Scores by how often the user purchased the product. Ties, and with <paramref name="fill"/> all that the user never
/// purchased, go by the number of purchasers; without it they are left out.
/// </summary>
public sealed class FrequencyScorer(InteractionMatrix purchases, int[] buyers, bool fill) : IItemScorer
{
    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        // A share of 0..1 of the most purchasers never outweighs one purchase of one's own.
        var most = 1f + buyers.Max();
        for (var n = 0; n < count; n++)
        {
            var row = scores.Slice(n * stride, buyers.Length);
            for (var product = 0; product < row.Length; product++)
            {
                row[product] = fill ? buyers[product] / most : float.NegativeInfinity;
            }

            var products = purchases.RowColumns(firstUser + n);
            var counts = purchases.RowWeights(firstUser + n);
            for (var e = 0; e < products.Length; e++)
            {
                row[products[e]] = counts[e] + (buyers[products[e]] / most);
            }
        }
    }
}
