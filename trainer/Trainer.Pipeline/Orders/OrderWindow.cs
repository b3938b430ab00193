using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;

namespace Trainer.Pipeline.Orders;

/// <summary>What the users of a scope did in the days after it, whatever the products.</summary>
/// <param name="Orders">By user: days with a purchase.</param>
/// <param name="First">By user: the first of them, 1 for the first day that is read; 0 for none.</param>
internal sealed record OrderWindow(int[] Orders, int[] First)
{
    /// <summary>Reads the days of the scope's window.</summary>
    public static OrderWindow After(ScopedDataset scoped) => After(scoped, 0, scoped.Scope.Horizon);

    /// <summary>Reads some days after the scope's end.</summary>
    /// <param name="scoped">The scope.</param>
    /// <param name="skipped">Days after its end that are left out.</param>
    /// <param name="length">How many days follow them; they are counted from the first of them.</param>
    public static OrderWindow After(ScopedDataset scoped, int skipped, int length)
    {
        var users = Numbering.Invert(scoped.UserSource, scoped.Dataset.UserIds.Length);
        var first = BehaviorLog.Day(scoped.Scope.WindowStart) + skipped;
        var last = first + length - 1;
        var days = new List<ulong>();
        var log = scoped.Dataset.Behaviors;
        for (var i = 0L; i < log.Count; i++)
        {
            var behavior = log[i];
            if (behavior is { Type: BehaviorType.Purchase, Count: > 0 } && behavior.Day >= first
                && behavior.Day <= last && users[behavior.User] is >= 0 and var user)
            {
                days.Add(((ulong)(uint)user << 32) | (uint)(behavior.Day - first + 1));
            }
        }

        days.Sort();
        var window = new OrderWindow(new int[scoped.UserCount], new int[scoped.UserCount]);
        for (var n = 0; n < days.Count; n++)
        {
            if (n > 0 && days[n] == days[n - 1])
            {
                continue;
            }

            var user = (int)(days[n] >> 32);
            window.First[user] = window.Orders[user]++ == 0 ? (int)(uint)days[n] : window.First[user];
        }

        return window;
    }
}
