using MathNet.Numerics;

namespace Engine.Campaigns.Statistics;

/// <summary>
/// The difference of two proportions: Newcombe's interval from two Wilson intervals (Statistics in Medicine 17, 1998,
/// method 10), which keeps its 95 % at small counts and never leaves -1..1, and Fisher's exact test, which is the
/// randomization test of a yes-or-no outcome.
/// </summary>
/// <param name="Difference">The first proportion less the second, -1..1.</param>
/// <param name="Interval">Its 95 % interval.</param>
/// <param name="PValue">
/// How often a random draw of the groups alone gives a difference as unlikely as this, 0..1.
/// </param>
public sealed record ProportionDifference(double Difference, Interval Interval, double PValue)
{
    /// <summary>Compares two groups.</summary>
    /// <param name="hits">Hits of the first group, 0..<paramref name="of"/>.</param>
    /// <param name="of">Members of the first group, 1 or more.</param>
    /// <param name="otherHits">Hits of the second group.</param>
    /// <param name="otherOf">Members of the second group, 1 or more.</param>
    public static ProportionDifference Of(long hits, long of, long otherHits, long otherOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(of, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(otherOf, 1);
        return new ProportionDifference(
            ((double)hits / of) - ((double)otherHits / otherOf),
            Newcombe(hits, of, otherHits, otherOf),
            Fisher(hits, of, otherHits, otherOf));
    }

    /// <summary>Newcombe's interval; hits need not be whole.</summary>
    public static Interval Newcombe(double hits, double of, double otherHits, double otherOf)
    {
        var (p, q) = (hits / of, otherHits / otherOf);
        var (first, second) = (Wilson(hits, of), Wilson(otherHits, otherOf));
        var low = Math.Sqrt(Square(p - first.Low) + Square(second.High - q));
        var high = Math.Sqrt(Square(first.High - p) + Square(q - second.Low));
        return new Interval(p - q - low, p - q + high);
    }

    /// <summary>Wilson's score interval of one proportion.</summary>
    public static Interval Wilson(double hits, double of)
    {
        var (p, z2) = (hits / of, Interval.Z * Interval.Z);
        var center = p + (z2 / (2 * of));
        var spread = Interval.Z * Math.Sqrt((p * (1 - p) / of) + (z2 / (4 * of * of)));
        // The ends are exact at 0 and all hits, where the formula rounds.
        return new Interval(
            hits == 0 ? 0 : (center - spread) / (1 + (z2 / of)), hits == of ? 1 : (center + spread) / (1 + (z2 / of)));
    }

    // Two-sided: all divisions of the hits between the groups that are at most as likely as the one found.
    private static double Fisher(long hits, long of, long otherHits, long otherOf)
    {
        var (all, allHits) = (of + otherOf, hits + otherHits);
        var found = LogChance(hits);
        // The chances fall on both sides of the mode, by less than half within a step; those below e^-60 of the mode
        // add nothing.
        var mode = Math.Clamp(
            (long)((allHits + 1) * ((double)of + 1) / (all + 2)),
            Math.Max(0, allHits - otherOf),
            Math.Min(allHits, of));
        var sum = Side(mode, 1) + Side(mode - 1, -1);
        return Math.Min(1, sum);

        double Side(long from, int step)
        {
            var total = 0.0;
            for (var k = from; k >= Math.Max(0, allHits - otherOf) && k <= Math.Min(allHits, of); k += step)
            {
                var chance = LogChance(k);
                if (chance < Math.Min(found, 0) - 60)
                {
                    break;
                }

                total += chance <= found + 1e-7 ? Math.Exp(chance) : 0;
            }

            return total;
        }

        double LogChance(long k) => LogChoose(of, k) + LogChoose(otherOf, allHits - k) - LogChoose(all, allHits);
    }

    private static double LogChoose(long n, long k) =>
        SpecialFunctions.GammaLn(n + 1.0) - SpecialFunctions.GammaLn(k + 1.0) - SpecialFunctions.GammaLn(n - k + 1.0);

    private static double Square(double value) => value * value;
}
