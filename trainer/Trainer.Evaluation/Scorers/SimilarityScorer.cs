using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Evaluation.Scorers;

/// <summary>Scores by sum over the user's history j of weight(u,j) B[j,i].</summary>
public sealed class SimilarityScorer(InteractionMatrix history, SimilarityMatrix similarity) : IItemScorer
{
    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        for (var n = 0; n < count; n++)
        {
            var row = scores.Slice(n * stride, stride);
            row.Clear();
            var items = history.RowColumns(firstUser + n);
            var weights = history.RowWeights(firstUser + n);
            for (var e = 0; e < items.Length; e++)
            {
                var range = similarity.Row(items[e]);
                var neighbors = similarity.Columns.AsSpan(range);
                var strengths = similarity.Strengths.AsSpan(range);
                for (var k = 0; k < neighbors.Length; k++)
                {
                    row[neighbors[k]] += weights[e] * strengths[k];
                }
            }
        }
    }
}
