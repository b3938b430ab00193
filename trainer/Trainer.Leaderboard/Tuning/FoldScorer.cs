using Trainer.Evaluation.Metrics;

namespace Trainer.Leaderboard.Tuning;

/// <summary>Scores the users of several carvings that stand below each other, each by the model that was fitted on its own.</summary>
/// <param name="folds">One scorer for each carving.</param>
/// <param name="users">Users of each carving.</param>
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
            // A block may begin in one carving and end in the next; scorers want room for a whole one.
            var (fold, user) = Math.DivRem(firstUser, users);
            var here = Math.Min(count, users - user);
            folds[fold].Score(user, here, _block, stride);
            _block.AsSpan(0, here * stride).CopyTo(scores);
            (firstUser, count) = (firstUser + here, count - here);
            scores = scores[(here * stride)..];
        }
    }
}
