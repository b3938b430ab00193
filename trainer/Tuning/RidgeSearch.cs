using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>Chooses lam, k and the exponents of <see cref="LocalRidge"/>; candidates of the same exponents share one Gram.</summary>
public static class RidgeSearch
{
    private const int Climbs = 16;

    /// <summary>Returns the best settings found and their value.</summary>
    public static (RidgeOptions Best, double Value) Run(Trial trial, double share)
    {
        (RidgeOptions? Key, GramRows? Gram) last = default;
        double Judge(RidgeOptions o)
        {
            var key = o with { Neighbors = 1, Regularization = 1 };
            if (last.Gram is null || last.Key != key)
            {
                last = (key, GramRows.Compute(trial.Fit, o, default));
            }

            var matrix = LocalRidge.Compute(last.Gram, o);
            return trial.Judge(
                new FittedModel(trial.Fit, new ModelSettings { Ridge = o }, null, null, matrix),
                FormattableString.Invariant($"ridge lam {o.Regularization} k {o.Neighbors} user {o.UserExponent} item {o.ItemExponent}"));
        }

        var first = new RidgeOptions { Threads = trial.Threads, Regularization = 2 };
        return CoordinateSearch.Climb((first, Judge(first)), Moves(), Judge, () => trial.MayContinue(share), Climbs);
    }

    private static Func<RidgeOptions, RidgeOptions>[] Moves() =>
    [
        o => o with { Regularization = Math.Min(200, o.Regularization * 2) },
        o => o with { Regularization = Math.Max(0.01, o.Regularization / 2) },
        o => o with { Neighbors = Math.Min(128, o.Neighbors * 2) },
        o => o with { UserExponent = Math.Clamp(Math.Round(o.UserExponent + 0.25, 3), 0, 2) },
        o => o with { UserExponent = Math.Clamp(Math.Round(o.UserExponent - 0.25, 3), 0, 2) },
        o => o with { ItemExponent = Math.Clamp(Math.Round(o.ItemExponent + 0.1, 3), 0, 1) },
    ];
}
