namespace Trainer.Leaderboard.Tuning;

/// <summary>Remembers the best part that a search has evaluated.</summary>
public sealed class PartSearch(Trial trial)
{
    /// <summary>The best so far.</summary>
    public (FittedPart Part, double Value)? Best { get; private set; }

    /// <summary>Fits and evaluates a part.</summary>
    public double Evaluate(ModelPart settings)
    {
        var evaluated = trial.Evaluate(settings);
        if (Best is not { } best || evaluated.Value > best.Value)
        {
            Best = evaluated;
        }

        return evaluated.Value;
    }
}
