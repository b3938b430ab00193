using Engine.Kernels.Solve;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Scorers;

/// <summary>Scores by the dot product of user and item factors.</summary>
public sealed class FactorScorer(FactorMatrix users, PackedRows items) : IItemScorer
{
    private readonly float[] _queries = new float[PackedRows.BlockRows * users.Stride];

    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        _queries.AsSpan().Clear();
        users.Values.AsSpan(firstUser * users.Stride, count * users.Stride).CopyTo(_queries);
        items.Score(_queries, scores);
    }
}
