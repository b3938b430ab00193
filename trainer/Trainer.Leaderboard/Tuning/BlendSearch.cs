using Trainer.Models.Ridge;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Builds a sum of every part: those that are best by themselves, and further ridges, which are weak alone and strong
/// in a sum: with dropout, on items scaled by their popularity, and of a few neighbors where the best is dense. All
/// begin with one weight, which moves only where validation is sure: see <see cref="BlendWeights"/>.
/// </summary>
/// <remarks>
/// Choosing a few parts by what each adds lost to it on parts of train that nothing had seen: validation fits on less
/// than there is in the end, and prefers what does well on little.
/// </remarks>
public sealed class BlendSearch(Trial trial, double share)
{
    private static readonly double[] Dropouts = [0.75, 0.5];
    private static readonly (double User, double Item)[] Others = [(0.5, 0.5), (0, 0.25), (0.5, 0.25), (0, 0)];

    // Beside dense ridges, those of a few neighbors: they keep what all items at once smooth away.
    private static readonly double[] Local = [0, 0.25];

    /// <summary>Further ridges at most.</summary>
    /// <param name="dense">Whether the best ridge is dense.</param>
    internal static int FurtherRidges(bool dense) => Dropouts.Length + Others.Length + (dense ? Local.Length : 0);

    /// <summary>Runs the search.</summary>
    /// <param name="parts">The best of each family.</param>
    /// <param name="ridges">Further ridges at most.</param>
    public ModelSettings Run(IReadOnlyList<FittedPart> parts, int ridges)
    {
        var pool = new BlendPool(trial.Split, parts, trial.K, trial.Run);
        var best = parts.Select(part => part.Settings.Ridge).FirstOrDefault(ridge => ridge is not null);
        var all = best is null ? parts : [.. parts, .. Further(best, ridges)];
        var weights = new BlendWeights(pool, [.. all.Select(part => (part, pool.Score(part)))]);
        trial.Say($"sum of {weights.Count} parts with one weight: nDCG@{trial.K} {weights.Value:F4}");
        weights.Learn();
        trial.Say($"sum with moved weights: nDCG@{trial.K} {weights.Value:F4}");
        return weights.Settings;
    }

    private IEnumerable<FittedPart> Further(RidgeOptions best, int count)
    {
        var others = Dropouts.Select(dropout => best with { Dropout = dropout })
            .Concat(Others.Select(other => best with { UserExponent = other.User, ItemExponent = other.Item }))
            .Concat(Local.Where(_ => best.Dense).Select(item =>
                new RidgeOptions { ItemExponent = item, GramNeighbors = best.GramNeighbors }))
            .Where(options => options != best)
            .Take(count);
        foreach (var options in others)
        {
            if (!trial.MayContinue(share))
            {
                yield break;
            }

            yield return trial.Evaluate(new ModelPart { Ridge = options }).Part;
        }
    }
}
