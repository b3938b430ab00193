namespace Trainer.Tuning;

/// <summary>
/// Learns the weight of one part in a sum on the held-out part: a coarse row of weights relative to the size of the scores,
/// then a finer row around the best. A part whose best weight is none is left out.
/// </summary>
public static class BlendSearch
{
    private static readonly double[] Coarse = [0, 0.05, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5, 5, 10];
    private static readonly double[] Fine = [0.6, 0.7, 0.8, 0.9, 1, 1.12, 1.25, 1.4];

    /// <summary>Finds the weight of <paramref name="part"/> beside <paramref name="sum"/>.</summary>
    /// <param name="trial">Where to judge.</param>
    /// <param name="sum">The model so far.</param>
    /// <param name="part">The part to add.</param>
    /// <returns>The best weight, 0 when the part does not help.</returns>
    public static double Run(Trial trial, FittedModel sum, FittedModel part)
    {
        // At this weight both scores are about as large.
        var scale = trial.Scale(sum) / trial.Scale(part);
        var best = Best(trial, sum, part, [.. Coarse.Select(factor => factor * scale)]);
        return best == 0 ? 0 : Best(trial, sum, part, [.. Fine.Select(factor => factor * best)]);
    }

    // Of equal values the first, which is the smaller weight.
    private static double Best(Trial trial, FittedModel sum, FittedModel part, double[] weights)
    {
        var values = trial.JudgeWeights(sum, part, weights);
        var best = Array.IndexOf(values, values.Max());
        trial.Say($"blend weights {weights[0]:G3} .. {weights[^1]:G3}: best {weights[best]:G4}, nDCG {values[best]:F4}");
        return weights[best];
    }
}
