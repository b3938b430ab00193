using Engine.Campaigns.Statistics;
using MathNet.Numerics.Distributions;

namespace Engine.Campaigns.Holdouts;

/// <summary>How large a holdout must be, before a campaign is sent.</summary>
/// <param name="HeldOut">Users to hold out; null when no size shows the lift.</param>
/// <param name="LeastLift">The smallest lift that this holdout shows or, without one, that the best one shows.</param>
/// <param name="UsersNeeded">The smallest audience that shows the lift, with the best division of it.</param>
public sealed record HoldoutSize(long? HeldOut, double LeastLift, long UsersNeeded)
{
    private const int Quantiles = 100;
    private const int Steps = 40;

    /// <summary>
    /// The smallest holdout with which, in the share <paramref name="power"/> of campaigns of a true lift, the 95 %
    /// interval of the lift lies above zero. It is the interval that the lift is measured with later; hits are taken as
    /// normal.
    /// </summary>
    /// <param name="users">Users of the audience, 2 or more.</param>
    /// <param name="baseRate">The share of users who buy without a message, more than 0 and less than 1.</param>
    /// <param name="lift">What the messages add to that share, more than 0; both together less than 1.</param>
    /// <param name="power">0.5..0.99.</param>
    /// <exception cref="InputException">A number is out of its range.</exception>
    public static HoldoutSize Of(long users, double baseRate, double lift, double power = 0.8)
    {
        Check(users >= 2, "users", users, "2 or more");
        Check(
            baseRate is > 0 and < 1,
            "base_rate",
            baseRate,
            "more than 0 and less than 1: the share of users who buy without a message");
        Check(
            lift > 0 && baseRate + lift < 1,
            "lift",
            lift,
            FormattableString.Invariant(
                $"more than 0 and less than {1 - baseRate}: what messages add to the share of buyers"));
        Check(power is >= 0.5 and <= 0.99, "power", power, "0.5 to 0.99");
        var needed = Least(2, 1L << 50, all => Shown(all, Best(all, baseRate, lift), baseRate, lift) >= power);
        var best = Best(users, baseRate, lift);
        long? heldOut = Shown(users, best, baseRate, lift) >= power
            ? Least(1, best, size => Shown(users, size, baseRate, lift) >= power)
            : null;
        return new HoldoutSize(heldOut, LeastLiftOf(users, heldOut ?? best, baseRate, power), needed);
    }

    // The variance (with^2 / treated) + (without^2 / held out) is least where the groups are as their spreads.
    private static long Best(long users, double baseRate, double lift)
    {
        var (without, with) = (Spread(baseRate), Spread(baseRate + lift));
        return Math.Clamp((long)Math.Round(users * without / (without + with)), 1, users - 1);
    }

    // How often the interval lies above zero: over the quantiles of the held-out buyers, the chance of enough treated
    // buyers.
    private static double Shown(long users, long heldOut, double baseRate, double lift)
    {
        var (treated, rate) = (users - heldOut, baseRate + lift);
        var sum = 0.0;
        for (var i = 0; i < Quantiles; i++)
        {
            var buyers =
                Math.Clamp(
                    (heldOut * baseRate)
                    + (Normal.InvCDF(0, 1, (i + 0.5) / Quantiles) * Math.Sqrt(heldOut) * Spread(baseRate)),
                    0,
                    heldOut);
            var (low, high) = (0.0, (double)treated);
            for (var step = 0; step < Steps; step++)
            {
                var middle = (low + high) / 2;
                (low, high) = ProportionDifference.Newcombe(middle, treated, buyers, heldOut).Low > 0
                    ? (low, middle)
                    : (middle, high);
            }

            sum += high >= treated ? 0 : 1 - Normal.CDF(treated * rate, Math.Sqrt(treated) * Spread(rate), high);
        }

        return sum / Quantiles;
    }

    private static double LeastLiftOf(long users, long heldOut, double baseRate, double power)
    {
        var (low, high) = (0.0, 1 - baseRate);
        for (var step = 0; step < Steps; step++)
        {
            var lift = (low + high) / 2;
            (low, high) = Shown(users, heldOut, baseRate, lift) >= power ? (low, lift) : (lift, high);
        }

        return high;
    }

    private static long Least(long low, long high, Func<long, bool> holds)
    {
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = holds(middle) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private static double Spread(double rate) => Math.Sqrt(rate * (1 - rate));

    private static void Check(bool holds, string field, double found, string expected)
    {
        if (!holds)
        {
            throw new InputException(FormattableString.Invariant($"found {field} = {found}; expected {expected}"));
        }
    }
}
