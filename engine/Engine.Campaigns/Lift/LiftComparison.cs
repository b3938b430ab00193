using System.Globalization;
using Engine.Campaigns.Statistics;

namespace Engine.Campaigns.Lift;

/// <summary>Treated against held-out users, of all users or of some.</summary>
/// <param name="Label">Which users.</param>
/// <param name="Treated">Got a message.</param>
/// <param name="HeldOut">Got none.</param>
public sealed record LiftComparison(string Label, LiftGroup Treated, LiftGroup HeldOut)
{
    private const double Chance = 0.05;

    private ProportionDifference? _conversion;
    private MeanDifference? _revenue;

    /// <summary>Whether both groups have users, so that they can be compared.</summary>
    public bool IsComparable => Treated.Users > 0 && HeldOut.Users > 0;

    /// <summary>The difference of the conversions. Only of comparable groups.</summary>
    public ProportionDifference Conversion =>
        _conversion ??= ProportionDifference.Of(Treated.Buyers, Treated.Users, HeldOut.Buyers, HeldOut.Users);

    /// <summary>The difference of the revenue per user. Only of comparable groups.</summary>
    public MeanDifference Revenue => _revenue ??= MeanDifference.Of(Treated.Revenue, HeldOut.Revenue);

    /// <summary>
    /// Whether conversion differs beyond chance: zero is outside the interval, and the exact test agrees.
    /// </summary>
    public bool IsClaimed => IsComparable && !Conversion.Interval.Holds(0) && Conversion.PValue <= Chance;

    /// <summary>What a person may say.</summary>
    public string Verdict
    {
        get
        {
            if (!IsComparable)
            {
                return "no comparison: one of the groups has no users";
            }

            var (difference, interval) = (Conversion.Difference, Conversion.Interval);
            var figures =
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{100 * difference:+0.00;-0.00;0.00} percentage points, 95 % interval "
                    + $"{100 * interval.Low:+0.00;-0.00;0.00} to {100 * interval.High:+0.00;-0.00;0.00}, "
                    + $"p = {Conversion.PValue:0.0000}");
            return !IsClaimed ? $"within chance: the difference of conversion is {figures}. Claim no lift"
                : difference > 0 ? $"the messages raised conversion by {figures}: "
                    + FormattableString.Invariant($"about {difference * Treated.Users:N0} more buyers ")
                    + FormattableString.Invariant($"among {Treated.Users:N0} treated users")
                : $"the messages lowered conversion: the difference is {figures}";
        }
    }

    internal static LiftComparison New(string label) => new(label, new LiftGroup(), new LiftGroup());

    internal void Add(UserOutcome user, bool bought, double revenue) =>
        (user.IsTreated ? Treated : HeldOut).Add(bought, revenue, user.Promised, user.ListedBought);
}
