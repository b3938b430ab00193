using System.Text;
using Engine.Campaigns.Holdouts;
using Engine.Campaigns.Statistics;
using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Campaigns;

/// <summary>Who is held out, and how many should be.</summary>
public sealed class HoldoutTests
{
    [Fact]
    public void The_draw_depends_on_seed_and_user_alone()
    {
        var users = Enumerable.Range(0, 20_000).Select(n => $"C{n:D7}").ToArray();
        var first = HeldOut("task-1", 0.1, users);
        Assert.Equal(first, HeldOut("task-1", 0.1, users));
        Assert.InRange(first.Count, 1_850, 2_150);
        Assert.Equal(
            first.Where(user => user.EndsWith('7')), HeldOut("task-1", 0.1, users.Where(user => user.EndsWith('7'))));

        // Another seed draws others: a tenth of a tenth is in both.
        Assert.InRange(HeldOut("task-2", 0.1, users).Intersect(first).Count(), 150, 260);
        // A larger share only adds users.
        Assert.Empty(first.Except(HeldOut("task-1", 0.2, users)));
    }

    [Fact]
    public void The_draw_is_the_same_on_every_machine() =>
        Assert.Equal(
            "C0000001", string.Join(' ', HeldOut("push", 0.2, Enumerable.Range(0, 12).Select(n => $"C{n:D7}"))));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_share_that_leaves_no_group_is_refused(double share) =>
        Assert.Contains(
            "expected more than 0 and less than 1",
            Assert.Throws<InputException>(() => new HoldoutDraw("task", share)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(20_000, 0.02, 0.01)]
    [InlineData(5_000, 0.1, 0.05)]
    public void A_planned_holdout_shows_the_lift_as_often_as_it_says(long users, double rate, double lift)
    {
        var size = HoldoutSize.Of(users, rate, lift);
        var heldOut = size.HeldOut!.Value;
        Assert.True(size.LeastLift <= lift);
        Assert.True(size.UsersNeeded <= users);
        Assert.InRange(Shown(users, heldOut, rate, lift), 730, 870);
        Assert.True(HoldoutSize.Of(users, rate, lift, power: 0.95).HeldOut > heldOut);
    }

    [Fact]
    public void An_audience_that_is_too_small_says_what_it_takes()
    {
        var size = HoldoutSize.Of(500, 0.02, 0.005);
        Assert.Null(size.HeldOut);
        Assert.True(size.LeastLift > 0.005);
        Assert.NotNull(HoldoutSize.Of(size.UsersNeeded * 101 / 100, 0.02, 0.005).HeldOut);
        Assert.Null(HoldoutSize.Of(size.UsersNeeded * 9 / 10, 0.02, 0.005).HeldOut);
    }

    [Theory]
    [InlineData(1, 0.1, 0.1, 0.8)]
    [InlineData(10, 0, 0.1, 0.8)]
    [InlineData(10, 0.5, 0.5, 0.8)]
    [InlineData(10, 0.1, 0, 0.8)]
    [InlineData(10, 0.1, 0.1, 0.4)]
    public void Numbers_out_of_range_are_refused(long users, double rate, double lift, double power) =>
        Assert.StartsWith(
            "found ",
            Assert.Throws<InputException>(() => HoldoutSize.Of(users, rate, lift, power)).Message,
            StringComparison.Ordinal);

    private static int Shown(long users, long heldOut, double rate, double lift)
    {
        var state = 7UL;
        var shown = 0;
        for (var campaign = 0; campaign < 1_000; campaign++)
        {
            var difference = ProportionDifference.Of(
                Buyers(users - heldOut, rate + lift), users - heldOut, Buyers(heldOut, rate), heldOut);
            shown += difference.Interval.Low > 0 ? 1 : 0;
        }

        return shown;

        // A sum of many draws is normal enough.
        long Buyers(long of, double chance)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());
            return Math.Clamp(
                (long)Math.Round((of * chance) + (normal * Math.Sqrt(of * chance * (1 - chance)))), 0, of);
        }

        double Unit() => (SplitMix64.Next(ref state) >> 11) * (1.0 / (1UL << 53));
    }

    private static List<string> HeldOut(string seed, double share, IEnumerable<string> users)
    {
        var draw = new HoldoutDraw(seed, share);
        return [.. users.Where(user => draw.IsHeldOut(Encoding.UTF8.GetBytes(user)))];
    }
}
