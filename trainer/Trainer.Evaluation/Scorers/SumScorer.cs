using System.Numerics.Tensors;
using Trainer.Evaluation.Metrics;

namespace Trainer.Evaluation.Scorers;

/// <summary>The weighted sum of scorers: a sum of scores stays exactly searchable.</summary>
public sealed class SumScorer((IItemScorer Scorer, float Weight)[] parts) : IItemScorer
{
    private float[] _part = [];

    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        if (_part.Length != scores.Length)
        {
            _part = new float[scores.Length];
        }

        var used = scores[..(count * stride)];
        used.Clear();
        foreach (var (scorer, weight) in parts)
        {
            scorer.Score(firstUser, count, _part, stride);
            TensorPrimitives.MultiplyAdd(_part.AsSpan(0, used.Length), weight, used, used);
        }
    }
}
