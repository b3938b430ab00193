using System.Numerics.Tensors;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;

namespace Trainer.Evaluation.Scorers;

/// <summary>Scores by sum over the user's history j of weight(u,j) B[j,i], B having all pairs.</summary>
public sealed class DenseScorer(InteractionMatrix history, DenseRidge weights) : IItemScorer
{
    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        for (var n = 0; n < count; n++)
        {
            var row = scores.Slice(n * stride, stride);
            row.Clear();
            row = row[..weights.Items];
            var items = history.RowColumns(firstUser + n);
            var own = history.RowWeights(firstUser + n);
            for (var e = 0; e < items.Length; e++)
            {
                TensorPrimitives.MultiplyAdd(weights.Row(items[e]), own[e], row, row);
            }
        }
    }
}
