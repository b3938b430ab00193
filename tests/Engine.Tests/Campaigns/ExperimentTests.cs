using Engine.Campaigns.Experiments;
using Engine.Campaigns.Statistics;

namespace Engine.Tests.Campaigns;

public class ExperimentTests
{
    private static readonly ExperimentDefinition Three = new("home")
    {
        Arms = [new("a", "slot", "", 0.5), new("b", "slot", "s1", 0.3), new("c", "other", "", 0.2)],
    };

    [Fact]
    public void A_user_always_gets_the_same_arm_and_arms_get_their_shares()
    {
        const int Users = 20_000;
        var arms = Enumerable.Range(0, Users).Select(user => Three.ArmOf($"u{user}").Name).ToArray();
        Assert.Equal(
            arms,
            Enumerable.Range(0, Users).Select(user => (Three with { Version = 7 }).ArmOf($"u{user}").Name));
        foreach (var arm in Three.Arms)
        {
            // Five standard deviations of a draw of so many.
            Assert.InRange(
                arms.Count(name => name == arm.Name) - (Users * arm.Share),
                -5 * Math.Sqrt(Users * arm.Share * (1 - arm.Share)),
                5 * Math.Sqrt(Users * arm.Share * (1 - arm.Share)));
        }
    }

    [Fact]
    public void Experiments_of_other_names_draw_apart_and_other_shares_move_only_users_at_the_border()
    {
        var (other, wider) = (new ExperimentDefinition("cart") { Arms = Three.Arms }, Three with
        {
            Arms = [Three.Arms[0] with { Share = 0.6 }, Three.Arms[1] with { Share = 0.2 }, Three.Arms[2]],
        });
        var both = 0;
        for (var user = 0; user < 10_000; user++)
        {
            var (before, after) = (Three.ArmOf($"u{user}").Name, wider.ArmOf($"u{user}").Name);
            Assert.True(before == after || (before, after) == ("b", "a"));
            both += before == "a" && other.ArmOf($"u{user}").Name == "a" ? 1 : 0;
        }

        Assert.InRange(both, 2_500 - 220, 2_500 + 220);
    }

    [Theory]
    [InlineData("", "slot", 1, "arms[0].name is missing")]
    [InlineData("a", "", 1, "arms[0].placement is missing")]
    [InlineData("a", "slot", 0, "found arms[0].share = 0, expected more than 0, at most 1")]
    [InlineData("a", "slot", double.NaN, "found arms[0].share = NaN, expected more than 0, at most 1")]
    [InlineData("a", "slot", 0.25, "found arms = shares of 0.25 together, expected 1")]
    public void What_is_wrong_is_named(string name, string placement, double share, string message) => Assert.Equal(
        message,
        Assert.Throws<InputException>(() => new ExperimentDefinition("home")
        {
            Arms = [new ExperimentArm(name, placement, "", share)],
        }.Check()).Message);

    [Fact]
    public void A_purchase_counts_for_a_shown_product_within_the_days()
    {
        var count = new ExperimentCount(days: 3);
        count.AddShown("a", "bought", 10, ["P1", "P2"]);
        count.AddShown("a", "bought", 12, ["P1"]);
        count.AddShown("a", "late", 10, ["P1"]);
        count.AddShown("b", "early", 10, ["P1"]);
        count.AddShown("b", "other", 10, ["P2"]);
        count.AddShown("a", "mixed", 10, ["P1"]);
        count.AddShown("b", "mixed", 11, ["P1"]);
        count.AddPurchase("bought", "P1", 13);
        count.AddPurchase("late", "P1", 14);
        count.AddPurchase("early", "P1", 9);
        count.AddPurchase("other", "P1", 10);
        count.AddPurchase("mixed", "P1", 11);
        count.AddPurchase("nobody", "P1", 10);
        Assert.Equal((10, 15, 1), (count.FirstDay, count.LastDay, count.MixedUsers));
        var arms = count.Arms(["b", "a", "idle"], mostProducts: 1);
        Assert.Equal(["b", "a", "idle"], arms.Select(arm => arm.Arm));
        Assert.Equal([(3, 2, 0), (4, 2, 1), (0, 0, 0)], arms.Select(arm => (arm.Replies, arm.Users, arm.Buyers)));
        Assert.Equal(ProportionDifference.Wilson(1, 2), arms[1].Interval);
        Assert.Equal(ProportionDifference.Of(1, 2, 0, 2), arms[1].AgainstFirst);
        Assert.Null(arms[0].AgainstFirst);
        Assert.Null(arms[2].AgainstFirst);
        Assert.Equal([new ProductExposure("P1", 4, 0.8)], arms[1].Products);
    }
}
