using Trainer.Evaluation.Tuning;
using Trainer.Models.Factors;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Chooses the unobserved weight and the regularization of ALS by successive halving: all points with few factors and
/// epochs, the better ones with more; then a climb from the best, or from the defaults if those are better, and in the
/// end as many factors as the plan has room for.
/// </summary>
public static class AlsSearch
{
    private const int MostSteps = 6;

    private static readonly double[] Regularizations = [0.001, 0.004, 0.016, 0.064, 0.256];
    private static readonly double[] UnobservedFactors = [0.25, 1, 4];

    /// <summary>Returns the best part found and its value.</summary>
    /// <param name="trial">Where candidates are evaluated.</param>
    /// <param name="seed">Seed of the first factors.</param>
    /// <param name="share">The share of the budget after which no new candidate starts.</param>
    /// <param name="factors">Factors of the last fit, at least 32.</param>
    public static (FittedPart Part, double Value) Run(Trial trial, ulong seed, double share, int factors)
    {
        var suggested = AlsOptions.SuggestUnobservedWeight(trial.Fit);
        var points = (
            from regularization in Regularizations
            from factor in UnobservedFactors
            select new AlsOptions
            {
                Seed = seed,
                Regularization = regularization,
                UnobservedWeight = suggested * factor,
            }).ToList();
        var rounds = new (int Factors, int Epochs, int Points)[] { (32, 4, points.Count), (64, 8, 4) };
        foreach (var (size, epochs, count) in rounds.Where(round => round.Factors <= factors))
        {
            var ranked = Halving.Round(
                points.Take(count).Select(point => point with { Factors = size, Epochs = epochs }),
                (options, first) => first || trial.MayContinue(share)
                    ? trial.Evaluate(new ModelPart { Als = options }).Value
                    : null);
            points = [.. ranked.Select(one => one.Candidate)];
        }

        // Steps of a factor 2 around the better of two points, at a size that is near the last one and cheap. What is
        // best with few factors need not be so with many; the defaults are meant for many.
        var search = new PartSearch(trial);
        var start = new AlsOptions { Seed = seed, UnobservedWeight = suggested, Factors = Math.Min(factors, 128) };
        var value = Evaluate(start);
        var found = points[0] with { Factors = start.Factors, Epochs = start.Epochs };
        if (found != start && trial.MayContinue(share) && Evaluate(found) is var other && other > value)
        {
            (start, value) = (found, other);
        }

        var best = CoordinateSearch.Climb(
            (start, value),
            [
                o => o with { Regularization = o.Regularization * 2 },
                o => o with { UnobservedWeight = o.UnobservedWeight * 2 },
                o => o with { Regularization = o.Regularization / 2 },
                o => o with { UnobservedWeight = o.UnobservedWeight / 2 },
            ],
            Evaluate,
            () => trial.MayContinue(share),
            MostSteps).Best;
        if (factors > best.Factors && trial.MayContinue(share))
        {
            Evaluate(best with { Factors = factors });
        }

        return search.Best!.Value;

        double Evaluate(AlsOptions o) => search.Evaluate(new ModelPart { Als = o });
    }
}
