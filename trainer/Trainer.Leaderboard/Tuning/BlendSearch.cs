namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Builds a sum of every part that the searches found. All begin with one weight, which moves only where validation is
/// sure: see <see cref="BlendWeights"/>.
/// </summary>
/// <remarks>
/// Choosing a few parts by what each adds lost to it on parts of train that nothing had seen: validation fits on less
/// than there is in the end, and prefers what does well on little.
/// </remarks>
public static class BlendSearch
{
    /// <summary>Runs the search.</summary>
    /// <param name="trial">Where the sum is evaluated.</param>
    /// <param name="parts">At least one.</param>
    public static ModelSettings Run(Trial trial, IReadOnlyList<FittedPart> parts)
    {
        var pool = new BlendPool(trial.Split, parts, trial.K, trial.Run);
        var weights = new BlendWeights(pool, [.. parts.Select(part => (part, pool.Score(part)))]);
        trial.Say($"sum of {weights.Count} parts with one weight: nDCG@{trial.K} {weights.Value:F4}");
        weights.Learn();
        trial.Say($"sum with moved weights: nDCG@{trial.K} {weights.Value:F4}");
        return weights.Settings;
    }
}
