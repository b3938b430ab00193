using Engine.Kernels.Arithmetic;
using MathNet.Numerics.Distributions;

namespace Engine.Campaigns.Statistics;

/// <summary>
/// The difference of two means of amounts: Welch's interval, which lets each group have its own spread. Where few
/// amounts are not zero, the chance is counted over random draws of the groups, which needs no assumption about how
/// amounts are spread.
/// </summary>
/// <param name="Difference">The first mean less the second.</param>
/// <param name="Interval">Its 95 % interval.</param>
/// <param name="PValue">How often a random draw of the groups alone gives a difference this large, 0..1.</param>
/// <param name="IsRandomized">Whether the chance is counted over random draws.</param>
public sealed record MeanDifference(double Difference, Interval Interval, double PValue, bool IsRandomized)
{
    // Up to as many buyers the chance is counted; beyond, a sum of amounts is normal enough.
    private const int FewAmounts = 2_000;
    private const int Draws = 4_000;
    private const ulong Seed = 0x5EED;

    /// <summary>Compares two groups of at least one member each.</summary>
    public static MeanDifference Of(Sample group, Sample other)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(other);
        var difference = group.Mean - other.Mean;
        var (part, otherPart) = (group.Variance / group.Count, other.Variance / other.Count);
        var error = Math.Sqrt(part + otherPart);
        var freedom = error == 0
            ? 1
            : Square(part + otherPart) / (Share(part, group.Count) + Share(otherPart, other.Count));
        var spread = error * (error == 0 ? 0 : StudentT.InvCDF(0, 1, freedom, 0.975));
        var isRandomized = group.Amounts.Count + other.Amounts.Count <= FewAmounts;
        var chance = isRandomized ? Randomized(group, other, Math.Abs(difference))
            : error == 0 ? 1 : 2 * StudentT.CDF(0, 1, freedom, -Math.Abs(difference) / error);
        return new MeanDifference(
            difference, new Interval(difference - spread, difference + spread), chance, isRandomized);
    }

    // Draws of the groups with their sizes kept: each buyer falls into the first group with the chance that is left of
    // it.
    private static double Randomized(Sample group, Sample other, double found)
    {
        double[] amounts = [.. group.Amounts, .. other.Amounts];
        var total = group.Sum + other.Sum;
        var state = Seed;
        var reached = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            var (left, room, sum) = (group.Count + other.Count, group.Count, 0.0);
            foreach (var amount in amounts)
            {
                var falls = (SplitMix64.Next(ref state) >> 11) * (1.0 / (1UL << 53)) * left < room;
                sum += falls ? amount : 0;
                room -= falls ? 1 : 0;
                left--;
            }

            var difference = (sum / group.Count) - ((total - sum) / other.Count);
            reached += Math.Abs(difference) >= found - (1e-9 * Math.Abs(total)) ? 1 : 0;
        }

        return (reached + 1.0) / (Draws + 1);
    }

    private static double Share(double part, long count) => count < 2 ? 0 : Square(part) / (count - 1);

    private static double Square(double value) => value * value;
}
