using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>
/// Chooses the unobserved weight and the regularisation of ALS by successive halving: all points with few factors and
/// epochs, the better ones with more; then a climb from the best by steps
/// of a factor 2 at 128 factors, and in the end as many factors as pay within the plan.
/// </summary>
public static class AlsSearch
{
    // Planned operations a second and thread: what ALS reaches on a busy machine. A constant keeps plans repeatable.
    private const double PlannedFlops = 8e9;

    private static readonly double[] Regularizations = [0.001, 0.004, 0.016, 0.064, 0.256];
    private static readonly double[] UnobservedFactors = [0.25, 1, 4];
    private static readonly int[] Sizes = [512, 256, 128, 64];

    /// <summary>Seconds that one epoch is planned to take.</summary>
    public static double PlannedEpochSeconds(InteractionMatrix train, int factors, int threads)
    {
        var flops = AlsCost.SolveFlops(train, factors)
            + AlsCost.SolveFlops(train.Transpose(), factors)
            + AlsCost.GramianFlops(train.RowCount + train.ColumnCount, factors)
            + (20.0 * factors * factors * factors);
        return flops / (PlannedFlops * threads);
    }

    /// <summary>Returns the best settings found, fitted, and their value.</summary>
    /// <param name="trial">Where to judge.</param>
    /// <param name="seed">Seed of the first factors.</param>
    /// <param name="share">The share of the budget after which no new point is begun.</param>
    /// <param name="seconds">Planned seconds for the whole search.</param>
    public static (FittedModel Model, double Value) Run(Trial trial, ulong seed, double share, double seconds)
    {
        var suggested = AlsOptions.SuggestUnobservedWeight(trial.Fit);
        var points = new List<AlsOptions>();
        foreach (var regularization in Regularizations)
        {
            foreach (var factor in UnobservedFactors)
            {
                var point = new AlsOptions { Seed = seed, Threads = trial.Threads };
                points.Add(point with { Regularization = regularization, UnobservedWeight = suggested * factor });
            }
        }

        var rounds = new (int Factors, int Epochs, int Keep)[] { (32, 4, 5), (64, 8, 1) };
        foreach (var (factors, epochs, keep) in rounds)
        {
            var judged = new List<(AlsOptions Options, double Value)>();
            foreach (var point in points)
            {
                if (judged.Count > 0 && !trial.MayContinue(share))
                {
                    break;
                }

                var options = point with { Factors = factors, Epochs = epochs };
                judged.Add((options, Fit(trial, options).Value));
            }

            points = [.. judged.OrderByDescending(j => j.Value).Take(keep).Select(j => j.Options)];
        }

        // Steps of a factor 2 around the best point of the grid.
        var best = Fit(trial, points[0] with { Factors = 128, Epochs = 12 });
        CoordinateSearch.Climb(
            (best.Model.Settings.Als!, best.Value),
            [
                o => o with { Regularization = o.Regularization * 2 },
                o => o with { Regularization = o.Regularization / 2 },
                o => o with { UnobservedWeight = o.UnobservedWeight * 2 },
                o => o with { UnobservedWeight = o.UnobservedWeight / 2 },
            ],
            o =>
            {
                var fitted = Fit(trial, o);
                best = fitted.Value > best.Value ? fitted : best;
                return fitted.Value;
            },
            () => trial.MayContinue(share),
            8);

        // The largest number of factors whose fit is planned to stay within a fifth of the search's time.
        var largest = Sizes.FirstOrDefault(f => 12 * PlannedEpochSeconds(trial.Fit, f, trial.Threads) < seconds / 5, 64);
        if (largest > 128 && Fit(trial, best.Model.Settings.Als! with { Factors = largest }) is var large && large.Value > best.Value)
        {
            best = large;
        }

        return best;
    }

    private static (FittedModel Model, double Value) Fit(Trial trial, AlsOptions o)
    {
        var model = FittedModel.Fit(trial.Fit, new ModelSettings { Als = o });
        var name = FormattableString.Invariant($"als f {o.Factors} epochs {o.Epochs} a0 {o.UnobservedWeight:G3} lam {o.Regularization}");
        return (model, trial.Judge(model, name));
    }
}
