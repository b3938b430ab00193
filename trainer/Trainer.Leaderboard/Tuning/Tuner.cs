using Trainer.Data.Running;
using Trainer.Evaluation.Tuning;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Chooses settings inside a time budget from train alone: each family by itself on validation folds, then their sum.
/// The planned time of the final fit and of the ranking is kept free.
/// </summary>
public static class Tuner
{
    // A fold more costs every fit once more; a user more costs an evaluation alone, and tells settings apart as well.
    private const int EnoughUsers = 6000;
    private const int MostUsers = 20_000;
    private const int MostSparse = 6;

    // Shares of the searches' time, from the start, after which the clock stops a search that is slower than planned.
    private const double SimilarityEnd = 0.23;
    private const double RidgeEnd = 0.48;
    private const double SparseEnd = 0.54;
    private const double AlsEnd = 0.83;
    private const double LowPassEnd = 0.9;

    /// <summary>Runs the searches that <paramref name="family"/> needs.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="family">als, similarity, ridge, blend or auto, as of <c>--model</c>.</param>
    /// <param name="k">Length of the lists.</param>
    /// <param name="budget">Time for everything, the final fit included; and the log.</param>
    /// <param name="seed">Decides the validation part and the first factors.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static ModelSettings Run(
        InteractionMatrix train, string family, int k, Budget budget, ulong seed, RunContext run)
    {
        var split = ValidationSplit.OfFolds(
            train,
            seed,
            EnoughUsers,
            (int)Math.Clamp(
                SearchPlan.EvaluatedUsers(train.ColumnCount, budget.Seconds, run.Threads), EnoughUsers, MostUsers));
        var trial = new Trial(split, k, budget, run);
        var mixed = family is "blend" or "auto";
        var plan = SearchPlan.Of(split, budget.Seconds, mixed, run.Threads);
        var end = plan.SearchShare(budget.Seconds);
        trial.Say(
            $"validation: {split.Held.Count} of {train.Count} train pairs held out, {split.Users.Length} users "
            + $"evaluated, {split.Folds.Count} folds");
        trial.Say(
            $"plan within {budget.Seconds:F0} s: {plan.Similarities} similarities of {plan.SimilaritySeconds:F1} s, "
            + $"{plan.Ridges} {(plan.Dense ? "dense" : "local")} ridges of {plan.RidgeSeconds:F1} s, "
            + $"low-pass filters up to {plan.LowPassFactors} factors, "
            + $"ALS up to {plan.Factors} factors {plan.AlsSeconds:F0} s; searches end by {end * budget.Seconds:F0} s, "
            + $"the final fit takes {plan.FinalSeconds:F0} s");
        var parts = new List<(FittedPart Part, double Value)>();

        // A blend leaves out what does not fit into the plan; the similarity is the cheapest and always there.
        if (mixed || family == "similarity")
        {
            parts.Add(SimilaritySearch.Run(trial, (mixed ? SimilarityEnd : 1) * end, Math.Max(1, plan.Similarities)));
        }

        if ((mixed && plan.Ridges > 0) || family == "ridge")
        {
            parts.AddRange(
                RidgeSearch.Run(
                    trial, (mixed ? RidgeEnd : 1) * end, Math.Max(1, plan.Ridges), plan.Dense, alone: !mixed));
        }

        if (mixed && plan.Ridges >= SparseSearch.Parts)
        {
            parts.AddRange(SparseSearch.Run(trial, SparseEnd * end, Math.Min(plan.Ridges, MostSparse)));
        }

        if ((mixed && plan.Factors > 0) || family == "als")
        {
            parts.AddRange(AlsSearch.Run(
                trial,
                seed,
                (mixed ? AlsEnd : 1) * end,
                mixed ? plan.Factors : Math.Max(AlsSearch.ClimbedFactors, plan.Factors),
                plan.AlsSteps));
        }

        if (mixed && plan.LowPassFactors > 0)
        {
            parts.AddRange(LowPassSearch.Run(trial, seed, LowPassEnd * end, plan.LowPassFactors));
        }

        var settings = mixed
            ? BlendSearch.Run(trial, [.. parts.Select(part => part.Part)])
            : new ModelSettings([parts.MaxBy(part => part.Value).Part.Settings]);
        if (trial.CutShort)
        {
            trial.Say($"the budget ended a search early: a run on a faster or idle machine may choose other settings");
        }

        return settings;
    }
}
