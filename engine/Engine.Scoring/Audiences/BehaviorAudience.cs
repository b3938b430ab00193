using System.Globalization;
using Engine.Scoring.Ids;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Audiences;

/// <summary>
/// Everybody in the dataset for whom a behavior filter holds: users of the snapshot, and users without a purchase in
/// the scope year, who have no personal score. One pass over all behaviors.
/// </summary>
public sealed class BehaviorAudience
{
    private readonly Snapshot _snapshot;
    private readonly BehaviorFilter _filter;
    private readonly bool[] _types = new bool[256];
    private readonly HashSet<int>? _otherProducts;
    private readonly HashSet<int> _untagged = [];
    private readonly bool _hasRule;
    private readonly int _firstDay;
    private readonly int _firstScopeDay;

    private BehaviorAudience(Snapshot snapshot, BehaviorFilter filter)
    {
        (_snapshot, _filter) = (snapshot, filter);
        foreach (var type in filter.Types)
        {
            _types[(byte)type] = true;
        }

        (_firstDay, _firstScopeDay) = FirstDays(snapshot, filter.WithinDays);
        if (filter.Pool is { } pool)
        {
            // Rules speak of tags, and only products in scope have them here.
            _hasRule = pool.Definition.Rule.Length > 0;
            _otherProducts = pool.Definition.Rule.Length > 0 || snapshot.OutOfScope is not { } outside
                ? []
                : [.. pool.Definition.ProductIds.Select(outside.FindProduct).Where(product => product >= 0)];
        }
    }

    /// <summary>The users for whom the filter holds.</summary>
    /// <exception cref="InputException">A field is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static BehaviorUsers Find(Snapshot snapshot, BehaviorFilter filter, CancellationToken cancellation = default)
    {
        Require.Between("at_least", filter.AtLeast, 1, 1_000_000);
        Require.Between("within_days", filter.WithinDays ?? 1, 1, BehaviorFilter.MaximumDays);
        if (filter.Types.Count == 0)
        {
            throw new InputException("types is empty; expected at least one of view, favorite, cart, purchase");
        }

        return new BehaviorAudience(snapshot, filter).Find(cancellation);
    }

    /// <summary>The first day that counts: since 1970-01-01, and since the first day of the scope year.</summary>
    internal static (int Day, int ScopeDay) FirstDays(Snapshot snapshot, int? withinDays)
    {
        var scope = snapshot.Manifest.Scope;
        var start = DateOnly.ParseExact(scope.ScopeStart[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture).DayNumber;
        var first = withinDays is { } days ? scope.LastDay.DayNumber - (days - 1) : DateOnly.MinValue.DayNumber;
        return (first - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber, first - start);
    }

    private BehaviorUsers Find(CancellationToken cancellation)
    {
        var (users, others) = (new List<UserOrdinal>(), new List<string>());
        for (var user = 0; user < _snapshot.Manifest.UserCount; user++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_snapshot.HiddenUsers.Contains(user)
                && Count(_snapshot.History.Row(user), _firstScopeDay) + Outside(user) >= _filter.AtLeast)
            {
                users.Add(new UserOrdinal(user));
            }
        }

        for (var other = 0; other < (_snapshot.OutOfScope?.UserIds.Count ?? 0); other++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_snapshot.HiddenOthers.Contains(other)
                && Count(_snapshot.OutOfScope!.OfOther(other), _firstDay) >= _filter.AtLeast)
            {
                others.Add(_snapshot.OutOfScope.UserIds.Get(other));
            }
        }

        return new BehaviorUsers(users, others) { UntaggedProducts = _untagged.Count };
    }

    private long Outside(int user) => _snapshot.OutOfScope is { } outside ? Count(outside.OfUser(user), _firstDay) : 0;

    private long Count(HistoryRow history, int firstDay)
    {
        var count = 0L;
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Day(i) < firstDay || !_types[history.Type(i)])
            {
                continue;
            }

            if (IsWanted(history.Product(i)))
            {
                count += history.Units(i);
            }
            else if (_hasRule && history.Product(i) >= _snapshot.Manifest.ProductCount)
            {
                _untagged.Add(history.Product(i));
            }
        }

        return count;
    }

    private bool IsWanted(int product) => _otherProducts is null ||
        (product < _snapshot.Manifest.ProductCount
            ? _filter.Pool!.Products[product]
            : _otherProducts.Contains(product));
}
