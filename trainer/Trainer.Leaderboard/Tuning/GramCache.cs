using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;

namespace Trainer.Leaderboard.Tuning;

/// <summary>The last Gram of a matrix: ridges that differ in k, lam, p and l1 alone share it.</summary>
public sealed class GramCache(InteractionMatrix train)
{
    private (RidgeOptions Key, GramRows Gram)? _last;

    /// <summary>The Gram for these settings.</summary>
    public GramRows Get(RidgeOptions options, RunContext run)
    {
        var key = options with { Neighbors = 1, Regularization = 1, Dropout = 0, Sparsity = 0 };
        if (_last is not { } last || last.Key != key)
        {
            _last = null; // Frees the old one before the new one is computed.
            _last = last = (key, GramRows.Compute(train, options, run));
        }

        return last.Gram;
    }
}
