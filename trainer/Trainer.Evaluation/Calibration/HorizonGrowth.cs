using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;

namespace Trainer.Evaluation.Calibration;

/// <summary>
/// How the number of user-product pairs with a purchase grows with the length of a window: as N^g. The windows start
/// where 90 days, or as many as there are, remain; g does not depend on a model's horizon.
/// </summary>
public static class HorizonGrowth
{
    private const double Slowest = 0.5;
    private const double Fastest = 1;

    /// <summary>g, within .5 and 1; 1, a steady rate, when the data are too short to tell.</summary>
    public static double Estimate(Dataset dataset, RunContext run)
    {
        foreach (var longest in (int[])[90, 60, 30])
        {
            var start = dataset.LastBehaviorDay.AddDays(-longest);
            if (TemporalSplits.TryAt(dataset, start, Scope.MinHorizon, run) is not { } shortest)
            {
                continue;
            }

            var pairs = Holdout.After(shortest.Scoped with { Scope = Scope.Ending(start, longest) }).Truth.Count;
            var slope =
                Math.Log((double)pairs / shortest.Holdout.Truth.Count) / Math.Log((double)longest / Scope.MinHorizon);
            return Math.Clamp(slope, Slowest, Fastest);
        }

        return Fastest;
    }
}
