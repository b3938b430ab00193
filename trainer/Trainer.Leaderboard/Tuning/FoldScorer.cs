using Trainer.Evaluation.Metrics;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Scores the users of several folds, stacked as further rows, each by the model that was fitted on its own fold.
/// </summary>
/// <param name="folds">One scorer for each fold.</param>
/// <param name="users">Users of each fold.</param>
public sealed class FoldScorer(IItemScorer[] folds, int users) : IItemScorer
{
    private float[] _block = [];

    /// <inheritdoc/>
    public void Score(int firstUser, int count, Span<float> scores, int stride)
    {
        if (_block.Length != scores.Length)
        {
            _block = new float[scores.Length];
        }

        while (count > 0)
        {
            // A block may begin in one fold and end in the next; scorers need room for a whole block.
            var (fold, user) = Math.DivRem(firstUser, users);
            var here = Math.Min(count, users - user);
            folds[fold].Score(user, here, _block, stride);
            _block.AsSpan(0, here * stride).CopyTo(scores);
            (firstUser, count) = (firstUser + here, count - here);
            scores = scores[(here * stride)..];
        }
    }
}
