using Engine.Snapshots.Manifest;

namespace Trainer.Evaluation.Calibration;

/// <summary>
/// Isotonic regression by pooling adjacent violators, its blocks joined by lines through their centers (centered
/// isotonic regression: Oron and Flournoy 2017), so that higher scores keep higher probabilities. One pair at the base
/// rate is added to each block, so that no probability is 0 or 1.
/// </summary>
public static class IsotonicFit
{
    /// <summary>Fits probabilities that ascend with the score, by weighted least squares.</summary>
    /// <param name="pairs">Score, weight and whether a purchase followed; ordered by score.</param>
    public static CalibrationTerms Fit(IReadOnlyList<ScoredLabel> pairs)
    {
        var blocks = new Stack<Block>();
        for (var i = 0; i < pairs.Count;)
        {
            // Equal scores are one block: later they cannot be distinguished.
            var block = default(Block);
            var score = pairs[i].Score;
            for (; i < pairs.Count && pairs[i].Score == score; i++)
            {
                block = block.Add(pairs[i]);
            }

            while (blocks.TryPeek(out var last) && last.Mean >= block.Mean)
            {
                block = blocks.Pop().Add(block);
            }

            blocks.Push(block);
        }

        var scores = new List<float>();
        var probabilities = new List<double>();
        var baseRate = pairs.Sum(pair => pair.Label ? (double)pair.Weight : 0) / pairs.Sum(pair => (double)pair.Weight);
        foreach (var block in blocks.Reverse())
        {
            var center = (float)(block.ScoreSum / block.Weight);
            if (scores.Count == 0 || center > scores[^1])
            {
                scores.Add(center);
                var probability = (block.Positive + baseRate) / (block.Weight + 1);
                probabilities.Add(Math.Max(probability, probabilities.LastOrDefault()));
            }
        }

        return new CalibrationTerms { Method = "isotonic", Scores = [.. scores], Probabilities = [.. probabilities] };
    }

    private readonly record struct Block(double Weight, double Positive, double ScoreSum)
    {
        public double Mean => Positive / Weight;

        public Block Add(ScoredLabel pair) =>
            new(
                Weight + pair.Weight,
                Positive + (pair.Label ? pair.Weight : 0),
                ScoreSum + ((double)pair.Weight * pair.Score));

        public Block Add(Block other) =>
            new(Weight + other.Weight, Positive + other.Positive, ScoreSum + other.ScoreSum);
    }
}

/// <summary>One pair of user and product.</summary>
/// <param name="Score">As served.</param>
/// <param name="Weight">Pairs of the population that it represents.</param>
/// <param name="Label">Whether a purchase followed.</param>
public readonly record struct ScoredLabel(float Score, float Weight, bool Label);
