namespace Trainer.Leaderboard.Tuning;

/// <summary>Remembers the best part that a search has judged.</summary>
public sealed class PartSearch(Trial trial)
{
    /// <summary>The best so far.</summary>
    public (FittedPart Part, double Value)? Best { get; private set; }

    /// <summary>Fits and judges a part.</summary>
    public double Judge(ModelPart settings)
    {
        var judged = trial.Judge(settings);
        if (Best is not { } best || judged.Value > best.Value)
        {
            Best = judged;
        }

        return judged.Value;
    }
}
