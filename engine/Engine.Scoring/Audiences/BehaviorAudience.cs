using System.Globalization;
using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Audiences;

/// <summary>Finds the users of a behavior filter: one pass over the behaviors of the scope year.</summary>
public static class BehaviorAudience
{
    /// <summary>The users for whom the filter holds, by ascending ordinal.</summary>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public static IReadOnlyList<UserOrdinal> Find(Snapshot snapshot, BehaviorFilter filter)
    {
        Require.Between("at_least", filter.AtLeast, 1, 1_000_000);
        Require.Between("within_days", filter.WithinDays, 1, BehaviorFilter.MaximumDays);
        if (filter.Types.Count == 0)
        {
            throw new InputException("found no behavior type, expected at least one of view, favorite, cart, purchase");
        }

        var wanted = new bool[256];
        foreach (var type in filter.Types)
        {
            wanted[(byte)type] = true;
        }

        var firstDay = FirstDay(snapshot, filter.WithinDays);
        var users = new List<UserOrdinal>();
        for (var user = 0; user < snapshot.Manifest.UserCount; user++)
        {
            if (Count(snapshot.History.Row(user), wanted, filter.Pool, firstDay) >= filter.AtLeast)
            {
                users.Add(new UserOrdinal(user));
            }
        }

        return users;
    }

    /// <summary>The first day that counts, as behaviors count them: from the first day of the scope year.</summary>
    internal static int FirstDay(Snapshot snapshot, int withinDays)
    {
        var scope = snapshot.Manifest.Scope;
        var start = DateOnly.ParseExact(scope.ScopeStart[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return scope.LastDay.DayNumber - start.DayNumber - (withinDays - 1);
    }

    private static long Count(HistoryRow history, bool[] wanted, ResolvedPool? pool, int firstDay)
    {
        var count = 0L;
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Days[i] >= firstDay && wanted[history.Types[i]] && (pool is null || pool.Products[history.Products[i]]))
            {
                count += history.Counts[i];
            }
        }

        return count;
    }
}
