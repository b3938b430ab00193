using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>
/// Chooses settings inside a time budget from train alone: each family by itself on a carved validation part, then the
/// weights of their sum. About a third of the budget is left for the final fit and the ranking.
/// </summary>
public static class Tuner
{
    /// <summary>Families that <c>--model</c> may name when a budget is given.</summary>
    public static readonly string[] Families = ["als", "similarity", "ridge", "blend", "auto"];

    private const int JudgedUsers = 8000;

    /// <summary>Runs the searches that <paramref name="family"/> needs.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="family">One of <see cref="Families"/>.</param>
    /// <param name="k">Length of the judged lists.</param>
    /// <param name="budget">Time for everything, the final fit included.</param>
    /// <param name="seed">Decides the validation part and the first factors.</param>
    /// <param name="threads">Threads; they change no choice.</param>
    /// <param name="output">Progress lines.</param>
    public static ModelSettings Run(
        InteractionMatrix train, string family, int k, TimeSpan budget, ulong seed, int threads, TextWriter output)
    {
        var split = ValidationSplit.Carve(train, seed, JudgedUsers);
        var trial = new Trial(split, k, threads, budget, output);
        var mixed = family is "blend" or "auto";
        trial.Say($"validation: {split.Held.Count} of {train.Count} train pairs held out, {split.Users.Length} users judged");
        trial.Say($"plan: searches within {0.66 * budget.TotalSeconds:F0} s of {budget.TotalSeconds:F0} s; one ALS epoch {AlsSearch.PlannedEpochSeconds(train, 64, threads):F1} s at f=64, {AlsSearch.PlannedEpochSeconds(train, 256, threads):F1} s at f=256");
        var parts = new List<FittedModel>();
        var values = new List<double>();
        if (mixed || family == "similarity")
        {
            var (best, value) = SimilaritySearch.Run(trial, mixed ? 0.22 : 0.6);
            parts.Add(FittedModel.Fit(trial.Fit, new ModelSettings { Similarity = best }));
            values.Add(value);
        }

        if (mixed || family == "ridge")
        {
            var (best, value) = RidgeSearch.Run(trial, mixed ? 0.32 : 0.6);
            parts.Add(FittedModel.Fit(trial.Fit, new ModelSettings { Ridge = best }));
            values.Add(value);
        }

        if (mixed || family == "als")
        {
            var seconds = budget.TotalSeconds * (mixed ? 0.28 : 0.6);
            var (model, value) = AlsSearch.Run(trial, seed, 0.6, seconds);
            parts.Add(model);
            values.Add(value);
        }

        var settings = mixed ? Combine(trial, parts, values) : parts[0].Settings;
        if (trial.CutShort)
        {
            trial.Say($"the clock cut a search short: a run on a faster or quieter machine may choose other settings");
        }

        return settings;
    }

    // Greedy: the best part first, then whatever raises the value when added.
    private static ModelSettings Combine(Trial trial, List<FittedModel> parts, List<double> values)
    {
        var order = Enumerable.Range(0, parts.Count).OrderByDescending(n => values[n]).ToArray();
        var sum = parts[order[0]];
        foreach (var next in order.Skip(1).Select(n => parts[n]))
        {
            var weight = BlendSearch.Run(trial, sum, next);
            if (weight > 0)
            {
                sum = sum.Join(next).With(Join(sum.Settings, next.Settings, weight));
            }
        }

        return sum.Settings;
    }

    private static ModelSettings Join(ModelSettings sum, ModelSettings part, double weight) =>
        part.Als is { } als ? sum with { Als = als, AlsWeight = weight }
        : part.Similarity is { } similarity ? sum with { Similarity = similarity, SimilarityWeight = weight }
        : sum with { Ridge = part.Ridge, RidgeWeight = weight };
}
