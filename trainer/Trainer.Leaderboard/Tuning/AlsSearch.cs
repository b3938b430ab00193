using Trainer.Evaluation.Tuning;
using Trainer.Models.Factors;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Chooses the unobserved weight and the regularization of ALS by successive halving: all points with few factors and
/// epochs, the better ones with more; then a climb from the best, or from the defaults if those are better, and in the
/// end twice the factors as often as the plan has room for.
/// </summary>
public static class AlsSearch
{
    /// <summary>Factors of the climb: near the largest sizes, and cheap.</summary>
    internal const int ClimbedFactors = 128;

    private static readonly double[] Regularizations = [0.001, 0.004, 0.016, 0.064, 0.256];
    private static readonly double[] UnobservedFactors = [0.25, 1, 4];

    /// <summary>Rounds of the halving: all points, then the better ones.</summary>
    internal static (int Factors, int Epochs, int Points)[] Rounds { get; } =
        [(32, 4, Regularizations.Length * UnobservedFactors.Length), (64, 8, 4)];

    /// <summary>
    /// Returns the best part of the climb and its value, and those with more factors: in a sum the more detailed ones
    /// repeat what a ridge says.
    /// </summary>
    /// <param name="trial">Where candidates are evaluated.</param>
    /// <param name="seed">Seed of the first factors.</param>
    /// <param name="share">The share of the budget after which no new candidate starts.</param>
    /// <param name="factors">Factors of the last fit.</param>
    /// <param name="steps">Steps of the climb at most; null: the defaults alone.</param>
    public static List<(FittedPart Part, double Value)> Run(
        Trial trial, ulong seed, double share, int factors, int? steps)
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
        foreach (var (size, epochs, count) in steps is null ? [] : Rounds)
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
        var start = new AlsOptions
        {
            Seed = seed,
            UnobservedWeight = suggested,
            Factors = Math.Min(factors, ClimbedFactors),
        };
        var value = Evaluate(start);
        if (steps is not { } most)
        {
            return [search.Best!.Value];
        }

        var halved = points[0] with { Factors = start.Factors, Epochs = start.Epochs };
        if (halved != start && trial.MayContinue(share) && Evaluate(halved) is var other && other > value)
        {
            (start, value) = (halved, other);
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
            most).Best;
        var found = new List<(FittedPart Part, double Value)> { search.Best!.Value };
        for (var more = best with { Factors = best.Factors * 2 }; more.Factors <= factors;)
        {
            var longer = AlsCost.EpochSeconds(trial.Fit, more.Factors, 1)
                / AlsCost.EpochSeconds(trial.Fit, more.Factors / 2, 1);
            if (!trial.MayContinue(share, longer))
            {
                break;
            }

            found.Add(trial.Evaluate(new ModelPart { Als = more }));
            more = more with { Factors = more.Factors * 2 };
        }

        return found;

        double Evaluate(AlsOptions o) => search.Evaluate(new ModelPart { Als = o });
    }
}
