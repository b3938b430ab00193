using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Scorers;

/// <summary>Scores every item by the number of its users: the same list for everybody.</summary>
public sealed class PopularityScorer : IItemScorer
{
    private readonly float[] _counts;

    /// <param name="interactions">Users by items.</param>
    public PopularityScorer(InteractionMatrix interactions)
    {
        _counts = Array.ConvertAll(interactions.ColumnCounts(), count => (float)count);
    }

    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        for (var n = 0; n < count; n++)
        {
            _counts.CopyTo(scores[(n * stride)..]);
        }
    }
}
