using System.Numerics.Tensors;

namespace Trainer.Evaluation;

/// <summary>first + weight * second: a sum of scores stays exactly searchable.</summary>
public sealed class BlendScorer(IItemScorer first, IItemScorer second, float weight) : IItemScorer
{
    private float[] _second = [];

    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        if (_second.Length != scores.Length)
        {
            _second = new float[scores.Length];
        }

        first.Score(firstUser, count, scores, stride);
        second.Score(firstUser, count, _second, stride);
        var used = scores[..(count * stride)];
        TensorPrimitives.MultiplyAdd(_second.AsSpan(0, used.Length), weight, used, used);
    }
}
