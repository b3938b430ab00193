using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;

namespace Trainer.Pipeline.Orders;

/// <summary>What the users of a scope did in the days after it, whatever the products.</summary>
/// <param name="Orders">By user: days with a purchase.</param>
/// <param name="First">By user: the first of them, 1 for the day after the scope's end; 0 for none.</param>
internal sealed record OrderWindow(int[] Orders, int[] First)
{
    /// <summary>Reads the days of the scope's window.</summary>
    public static OrderWindow After(ScopedDataset scoped)
    {
        var users = Numbering.Invert(scoped.UserSource, scoped.Dataset.UserIds.Length);
        var (first, last) = (BehaviorLog.Day(scoped.Scope.WindowStart), BehaviorLog.Day(scoped.Scope.WindowEnd));
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
