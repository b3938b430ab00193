using System.Text;
using Engine.Campaigns.Holdouts;
using Engine.Campaigns.Lift;
using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Campaigns;

/// <summary>What is said of campaigns whose effect is known.</summary>
public sealed class LiftTests
{
    private const int Repetitions = 100;

    [Theory]
    [InlineData(2_000, 0.10, 0.08, 0.2)]
    [InlineData(300, 0.10, 0.05, 0.3)]
    [InlineData(20_000, 0.01, 0.005, 0.1)]
    public void The_interval_holds_the_planted_lift_in_93_of_100_campaigns(
        int users, double rate, double lift, double share) =>
        Assert.InRange(
            Campaigns(users, rate, lift, share).Count(report => report.Listed.Conversion.Interval.Holds(lift)),
            93,
            Repetitions);

    [Theory]
    [InlineData(2_000, 0.10, 0.2)]
    [InlineData(300, 0.10, 0.3)]
    [InlineData(20_000, 0.01, 0.1)]
    public void Without_an_effect_a_lift_is_claimed_in_at_most_7_of_100_campaigns(int users, double rate, double share)
    {
        var reports = Campaigns(users, rate, 0, share).ToArray();
        Assert.InRange(reports.Count(report => report.Listed.IsClaimed), 0, 7);
        Assert.InRange(reports.Count(report => report.Listed.Revenue.PValue <= 0.05), 0, 7);
        Assert.All(
            reports.Where(report => !report.Listed.IsClaimed),
            report => Assert.StartsWith("within chance", report.Listed.Verdict, StringComparison.Ordinal));
    }

    [Fact]
    public void Users_are_counted_once_in_every_division()
    {
        var report = Campaigns(2_000, 0.1, 0.08, 0.2).First();
        foreach (var division in new[] { report.Deciles, [report.Repeat, report.New], [report.Any] })
        {
            Assert.Equal(report.Listed.Treated.Users, division.Sum(part => part.Treated.Users));
            Assert.Equal(report.Listed.HeldOut.Users, division.Sum(part => part.HeldOut.Users));
        }

        Assert.Equal(report.Listed.Treated.Buyers, report.Deciles.Sum(part => part.Treated.Buyers));
        Assert.All(report.Deciles, part => Assert.Equal(200, part.Treated.Users + part.HeldOut.Users));
        Assert.Equal(report.Listed.Treated.Users * 0.1, report.Listed.Treated.Promised, 6);
    }

    [Fact]
    public void A_campaign_without_held_out_users_is_refused() =>
        Assert.Contains(
            "expected users in both groups",
            Assert.Throws<InputException>(
                () => LiftReport.Of([new UserOutcome(true, 1, false, 0, 1, true, 1, 1)])).Message,
            StringComparison.Ordinal);

    private static IEnumerable<LiftReport> Campaigns(int users, double rate, double lift, double share) =>
        Enumerable.Range(1, Repetitions).Select(seed => LiftReport.Of(Outcomes(seed, users, rate, lift, share)));

    private static UserOutcome[] Outcomes(int seed, int users, double rate, double lift, double share)
    {
        var draw = new HoldoutDraw($"campaign {seed}", share);
        var state = SplitMix64.Hash((ulong)seed);
        return [.. Enumerable.Range(0, users).Select(user =>
        {
            var isTreated = !draw.IsHeldOut(Encoding.UTF8.GetBytes($"C{user:D7}"));
            // Users differ by half of the rate; the lift is the same for all.
            var chance = rate * (0.5 + Unit());
            var buys = Unit() < chance + (isTreated ? lift : 0);
            var amount = buys ? 5 - (20 * Math.Log(1 - Unit())) : 0;
            return new UserOutcome(isTreated, (float)chance, user % 3 == 0, 0.1, buys ? 1 : 0, buys, amount, amount);
        })];

        double Unit() => (SplitMix64.Next(ref state) >> 11) * (1.0 / (1UL << 53));
    }
}
