using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>
/// Chooses the exponents, the shrinkage and k of <see cref="ItemSimilarity"/>: the known members of the family (shrunk cosine,
/// user-damped cosine, RP3beta) first, then a climb from the best of them.
/// </summary>
public static class SimilaritySearch
{
    private const int Climbs = 24;

    /// <summary>Returns the best settings found and their value.</summary>
    public static (SimilarityOptions Best, double Value) Run(Trial trial, double share)
    {
        SimilarityOptions[] known =
        [
            new() { Threads = trial.Threads, UserExponent = 0.6, SourceExponent = 0.6, TargetExponent = 0.3, Shrinkage = 0, Neighbors = 200 },
            new() { Threads = trial.Threads, UserExponent = 0.5, Neighbors = 200 },
            new() { Threads = trial.Threads, UserExponent = 0, Neighbors = 200 },
            new() { Threads = trial.Threads, Weighting = SimilarityWeighting.Bm25, Shrinkage = 0, Neighbors = 200 },
            new() { Threads = trial.Threads, Weighting = SimilarityWeighting.TfIdf, Shrinkage = 0, Neighbors = 200 },
        ];
        var best = (Candidate: known[0], Value: double.NegativeInfinity);
        foreach (var candidate in known)
        {
            if (best.Value < 0 || trial.MayContinue(share))
            {
                var value = Judge(trial, candidate);
                best = value > best.Value ? (candidate, value) : best;
            }
        }

        return CoordinateSearch.Climb(best, Moves(), c => Judge(trial, c), () => trial.MayContinue(share), Climbs);
    }

    private static Func<SimilarityOptions, SimilarityOptions>[] Moves() =>
    [
        // Exponents mean nothing beside other weightings: such a move returns its argument.
        o => o.Weighting == SimilarityWeighting.Power ? o with { SourceExponent = Step(o.SourceExponent, 0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { SourceExponent = Step(o.SourceExponent, -0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { TargetExponent = Step(o.TargetExponent, 0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { TargetExponent = Step(o.TargetExponent, -0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { UserExponent = Step(o.UserExponent, 0.2) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { UserExponent = Step(o.UserExponent, -0.2) } : o,
        o => o with { Neighbors = Math.Min(1600, o.Neighbors * 2) },
        o => o with { Neighbors = Math.Max(25, o.Neighbors / 2) },
        o => o with { Shrinkage = o.Shrinkage < 1 ? 1 : Math.Min(64, o.Shrinkage * 3) },
        o => o with { Shrinkage = o.Shrinkage <= 1 ? 0 : o.Shrinkage / 3 },
    ];

    private static double Step(double value, double step) => Math.Clamp(Math.Round(value + step, 3), 0, 2);

    private static double Judge(Trial trial, SimilarityOptions o)
    {
        var settings = new ModelSettings { Similarity = o };
        return trial.Judge(
            FittedModel.Fit(trial.Fit, settings),
            FormattableString.Invariant($"similarity {o.Weighting} user {o.UserExponent} source {o.SourceExponent} target {o.TargetExponent} shrinkage {o.Shrinkage} k {o.Neighbors}"));
    }
}
