using System.Numerics.Tensors;

namespace Trainer.Evaluation.Metrics;

/// <summary>
/// The K best items of one user's scores: score descending, equal scores by lower item. Scores of negative infinity are
/// excluded. Scratch of one thread.
/// </summary>
public sealed class TopItems(int k)
{
    private const int Block = 256;

    private readonly (float Score, int Item)[] _kept = new (float, int)[Math.Max(2 * k, k + 64)];
    private int _count;
    private float _threshold;

    /// <summary>Selects from <paramref name="scores"/>; the result is valid until the next call.</summary>
    public ReadOnlySpan<(float Score, int Item)> Select(ReadOnlySpan<float> scores)
    {
        _count = 0;
        _threshold = float.NegativeInfinity;
        for (var first = 0; first < scores.Length && k > 0; first += Block)
        {
            // An equal score of a later item never enters, so a block must exceed the threshold.
            var block = scores.Slice(first, Math.Min(Block, scores.Length - first));
            if (TensorPrimitives.Max(block) > _threshold)
            {
                AddBlock(block, first);
            }
        }

        Prune();
        return _kept.AsSpan(0, _count);
    }

    private void AddBlock(ReadOnlySpan<float> block, int first)
    {
        for (var n = 0; n < block.Length; n++)
        {
            if (block[n] > _threshold)
            {
                _kept[_count++] = (block[n], first + n);
                if (_count == _kept.Length)
                {
                    Prune();
                }
            }
        }
    }

    // Sorts, keeps K, and raises the threshold to the K-th score.
    private void Prune()
    {
        _kept.AsSpan(0, _count)
            .Sort((x, y) => x.Score != y.Score ? y.Score.CompareTo(x.Score) : x.Item.CompareTo(y.Item));
        _count = Math.Min(_count, k);
        if (_count == k && k > 0)
        {
            _threshold = _kept[k - 1].Score;
        }
    }
}
