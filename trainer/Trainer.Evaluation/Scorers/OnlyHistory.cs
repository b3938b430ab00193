using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Scorers;

/// <summary>Lets only the products compete that the user had purchased.</summary>
public sealed class OnlyHistory(IItemScorer scorer, InteractionMatrix purchases) : IItemScorer
{
    private readonly bool[] _own = new bool[purchases.ColumnCount];

    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        scorer.Score(firstUser, count, scores, stride);
        for (var n = 0; n < count; n++)
        {
            _own.AsSpan().Clear();
            foreach (var product in purchases.RowColumns(firstUser + n))
            {
                _own[product] = true;
            }

            for (var product = 0; product < _own.Length; product++)
            {
                if (!_own[product])
                {
                    scores[(n * stride) + product] = float.NegativeInfinity;
                }
            }
        }
    }
}
