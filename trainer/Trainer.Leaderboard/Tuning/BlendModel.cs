using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Tuning;

/// <summary>All parts of one <see cref="ModelSettings"/>, fitted.</summary>
public sealed class BlendModel(IReadOnlyList<FittedPart> parts)
{
    /// <summary>Fits every part.</summary>
    public static BlendModel Fit(
        InteractionMatrix train, ModelSettings settings, RunContext run, Action<AlsEpoch>? progress = null)
    {
        var grams = new GramCache(train);
        return new BlendModel([.. settings.Parts.Select(part => FittedPart.Fit(train, part, grams, run, progress))]);
    }

    /// <summary>Makes a scorer for one thread: the weighted sum of the parts.</summary>
    public IItemScorer Scorer() =>
        new SumScorer([.. parts.Select(part => (part.Scorer(), (float)part.Settings.Weight))]);
}
