using Trainer.Models.Ridge;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Builds a sum: the best part first, then whichever part raises nDCG most, while one does. After the parts that are
/// best by themselves come further ridges, which are evaluated by what they add to the sum: one with dropout, and
/// ridges on items scaled by their popularity, which are weak alone and strong in a sum.
/// </summary>
public sealed class BlendSearch(Trial trial, double share)
{
    // A part must raise the value by so many standard errors: less may be noise.
    private const double LeastErrors = 1;
    private const int MostParts = 5;

    private static readonly double[] Dropouts = [0.75, 0.5];
    private static readonly (double User, double Item)[] Others = [(0.5, 0.5), (0, 0.25), (0.5, 0.25), (0, 0)];

    /// <summary>Runs the search.</summary>
    /// <param name="parts">The best of each family, with their own values.</param>
    /// <param name="ridges">Further ridges to try at most.</param>
    public ModelSettings Run(List<(FittedPart Part, double Value)> parts, int ridges)
    {
        var pool = new BlendPool(trial.Split, parts.Select(part => part.Part), trial.K, trial.Run);
        var sum = new BlendWeights(pool);
        var waiting = parts.OrderByDescending(part => part.Value).Select(part => Scored(pool, part.Part)).ToList();
        Add(sum, waiting);
        if (parts.Select(part => part.Part.Settings.Ridge).FirstOrDefault(ridge => ridge is not null) is { } best)
        {
            AddRidges(pool, sum, waiting, best, ridges);
        }

        return sum.Settings;
    }

    private void AddRidges(
        BlendPool pool,
        BlendWeights sum,
        List<(FittedPart Part, float[] Scores, double Scale)> waiting,
        RidgeOptions best,
        int ridges)
    {
        var others = Dropouts.Select(dropout => best with { Dropout = dropout })
            .Concat(Others.Select(other => best with { UserExponent = other.User, ItemExponent = other.Item }));
        foreach (var options in others)
        {
            if (ridges-- <= 0 || !trial.MayContinue(share))
            {
                return;
            }

            if (options != best)
            {
                waiting.Add(Scored(pool, trial.Evaluate(new ModelPart { Ridge = options }).Part));
            }
        }

        Add(sum, waiting);
    }

    private void Add(BlendWeights sum, List<(FittedPart Part, float[] Scores, double Scale)> waiting)
    {
        while (waiting.Count > 0 && sum.Count < MostParts)
        {
            var tried = waiting.Select(part => (Part: part, Gain: sum.Try(part))).MaxBy(part => part.Gain.Value);
            if (tried.Gain.Errors < LeastErrors)
            {
                trial.Say(
                    $"blend: no other part helps; the best gives nDCG@{trial.K} {tried.Gain.Value:F4}, "
                    + $"{tried.Gain.Errors:F1} standard errors more");
                return;
            }

            sum.Add(tried.Part, tried.Gain.Weight);
            waiting.Remove(tried.Part);
            trial.Say($"blend: + {tried.Part.Part.Settings.Name}: nDCG@{trial.K} {sum.Value:F4}");
        }
    }

    private static (FittedPart Part, float[] Scores, double Scale) Scored(BlendPool pool, FittedPart part)
    {
        var (scores, scale) = pool.Score(part);
        return (part, scores, scale);
    }
}
