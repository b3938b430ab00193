using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Tuning;

/// <summary>All parts of one <see cref="ModelSettings"/>, fitted.</summary>
public sealed class FittedModel(IReadOnlyList<FittedPart> parts)
{
    /// <summary>The parts.</summary>
    public IReadOnlyList<FittedPart> Parts => parts;

    /// <summary>Fits every part.</summary>
    public static FittedModel Fit(
        InteractionMatrix train,
        ModelSettings settings,
        Action<AlsEpoch>? progress = null,
        CancellationToken cancellation = default)
    {
        var grams = new GramCache(train);
        return new FittedModel([.. settings.Parts.Select(part => FittedPart.Fit(train, part, progress, grams, cancellation))]);
    }

    /// <summary>Makes a scorer for one thread: the weighted sum of the parts.</summary>
    public IItemScorer Scorer() =>
        new SumScorer([.. parts.Select(part => (part.Scorer(), (float)part.Settings.Weight))]);
}
