using Engine.Kernels;

namespace Engine.Campaigns.Lift;

/// <summary>What a campaign brought: treated against held-out users.</summary>
public sealed class LiftReport
{
    private const int Parts = 10;

    private LiftReport(IReadOnlyList<LiftComparison> deciles) => Deciles = deciles;

    /// <summary>All users; a buyer bought a product of the own list.</summary>
    public LiftComparison Listed { get; } = LiftComparison.New("listed products");

    /// <summary>All users; a buyer bought anything.</summary>
    public LiftComparison Any { get; } = LiftComparison.New("any product");

    /// <summary>
    /// By score, the highest first, in ten parts of equal size over both groups; a buyer as in <see cref="Listed"/>.
    /// </summary>
    public IReadOnlyList<LiftComparison> Deciles { get; }

    /// <summary>Users who had bought a product of their list before.</summary>
    public LiftComparison Repeat { get; } = LiftComparison.New("bought before");

    /// <summary>The others.</summary>
    public LiftComparison New { get; } = LiftComparison.New("new to the products");

    /// <summary>Counts the users of a campaign.</summary>
    /// <exception cref="InputException">A group is empty.</exception>
    public static LiftReport Of(IReadOnlyList<UserOutcome> users)
    {
        ArgumentNullException.ThrowIfNull(users);
        var report =
            new LiftReport([.. Enumerable.Range(1, Parts).Select(part => LiftComparison.New(InvariantText.Of(
                $"decile {part}")))]);
        var place = 0L;
        // A stable order: equal scores stay in the order of the users, which has nothing to do with the draw.
        foreach (var user in users.OrderByDescending(user => user.Score))
        {
            var bought = user.ListedBought > 0;
            report.Listed.Add(user, bought, user.ListedRevenue);
            report.Any.Add(user, user.BoughtAny, user.Revenue);
            report.Deciles[(int)(place++ * Parts / users.Count)].Add(user, bought, user.ListedRevenue);
            (user.IsRepeat ? report.Repeat : report.New).Add(user, bought, user.ListedRevenue);
        }

        return report.Listed.IsComparable ? report : throw new InputException(
            InvariantText.Of(
                $"found {report.Listed.Treated.Users} treated and {report.Listed.HeldOut.Users} held-out users; "
                + $"expected users in both groups. Create the task with holdout_share"));
    }
}
