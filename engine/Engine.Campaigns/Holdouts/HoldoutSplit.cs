using Engine.Scoring.Batch;
using Engine.Snapshots.Ids;

namespace Engine.Campaigns.Holdouts;

/// <summary>One plan as two: the users who get a message, and those who are held out to compare them with.</summary>
/// <param name="Treated">The plan of the users who get a message.</param>
/// <param name="HeldOut">The same plan for the others.</param>
public sealed record HoldoutSplit(BatchPlan Treated, BatchPlan HeldOut)
{
    /// <summary>Draws the users of a plan.</summary>
    /// <exception cref="InputException">One of the groups is empty.</exception>
    public static HoldoutSplit Of(BatchPlan plan, HoldoutDraw draw)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(draw);
        var ids = plan.Model.Snapshot.UserIds;
        var (treated, heldOut) = (new List<UserOrdinal>(), new List<UserOrdinal>());
        foreach (var user in plan.Users)
        {
            (draw.IsHeldOut(ids.Utf8(user.Value)) ? heldOut : treated).Add(user);
        }

        return treated.Count > 0 && heldOut.Count > 0
            ? new HoldoutSplit(plan.For([.. treated]), plan.For([.. heldOut]))
            : throw new InputException(
                FormattableString.Invariant($"found holdout_share = {draw.Share}, which leaves {treated.Count:N0} of ")
                + FormattableString.Invariant($"{plan.Users.Length:N0} users treated and {heldOut.Count:N0} held out; ")
                + "expected users in both groups. Take a larger audience or another share");
    }
}
