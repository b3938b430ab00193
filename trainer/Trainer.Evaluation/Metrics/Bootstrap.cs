using Engine.Kernels.Arithmetic;

namespace Trainer.Evaluation.Metrics;

/// <summary>
/// Percentile bootstrap of a mean over users (Efron 1979): 400 resamples drawn by SplitMix64 from a fixed seed, so the
/// interval is as reproducible as the mean.
/// </summary>
public static class Bootstrap
{
    private const int Resamples = 400;

    /// <summary>The 95 % interval: low, high. Of no value it is 0, 0.</summary>
    public static double[] Interval(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            return [0, 0];
        }

        var state = 0x2545F4914F6CDD1Dul;
        var means = new double[Resamples];
        for (var r = 0; r < Resamples; r++)
        {
            var sum = 0.0;
            for (var n = 0; n < values.Count; n++)
            {
                sum += values[(int)(SplitMix64.Next(ref state) % (ulong)values.Count)];
            }

            means[r] = sum / values.Count;
        }

        Array.Sort(means);
        return [means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]];
    }
}
