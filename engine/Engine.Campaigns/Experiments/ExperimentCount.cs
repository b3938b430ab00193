using Engine.Campaigns.Statistics;

namespace Engine.Campaigns.Experiments;

/// <summary>
/// Counts an experiment: first what was shown, then what was bought. A user is a buyer who bought a shown product on
/// the day it was shown first or within some days after it. Users who saw several arms, because the definition has
/// changed, do not count.
/// </summary>
/// <param name="days">Days after the first showing in which a purchase counts.</param>
public sealed class ExperimentCount(int days)
{
    private readonly Dictionary<string, Seen> _users = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Shown> _arms = new(StringComparer.Ordinal);

    /// <summary>The users who saw anything.</summary>
    public IReadOnlyCollection<string> Users => _users.Keys;

    /// <summary>Users who saw several arms.</summary>
    public long MixedUsers => _users.Values.Count(user => user.Arm is null);

    /// <summary>The first day of a showing; null without one.</summary>
    public int? FirstDay { get; private set; }

    /// <summary>The last day on which a purchase counts.</summary>
    public int LastDay { get; private set; }

    /// <summary>Adds a reply.</summary>
    public void AddShown(string arm, string user, int day, IReadOnlyList<string> products)
    {
        (FirstDay, LastDay) = (Math.Min(FirstDay ?? day, day), Math.Max(LastDay, day + days));
        if (!_arms.TryGetValue(arm, out var shown))
        {
            _arms.Add(arm, shown = new Shown());
        }

        if (!_users.TryGetValue(user, out var seen))
        {
            _users.Add(user, seen = new Seen { Arm = arm });
        }

        seen.Arm = seen.Arm == arm ? arm : null;
        shown.Replies++;
        foreach (var product in products)
        {
            shown.Products[product] = shown.Products.GetValueOrDefault(product) + 1;
            seen.FirstDays[product] = Math.Min(seen.FirstDays.GetValueOrDefault(product, day), day);
        }
    }

    /// <summary>Adds a purchase.</summary>
    public void AddPurchase(string user, string product, int day)
    {
        if (_users.TryGetValue(user, out var seen) && seen.FirstDays.TryGetValue(product, out var first)
            && day >= first && day <= first + days)
        {
            seen.HasBought = true;
        }
    }

    /// <summary>The arms: the given ones in their order, then others that were logged.</summary>
    /// <param name="names">The arms of the definition.</param>
    /// <param name="mostProducts">Products of each arm.</param>
    public IReadOnlyList<ArmReport> Arms(IEnumerable<string> names, int mostProducts)
    {
        var users = _users.Values.Where(user => user.Arm is not null).ToLookup(user => user.Arm!);
        var reports = new List<ArmReport>();
        foreach (var name in names.Concat(_arms.Keys).Distinct())
        {
            var shown = _arms.GetValueOrDefault(name) ?? new Shown();
            var (count, buyers) = (users[name].LongCount(), users[name].LongCount(user => user.HasBought));
            var all = shown.Products.Values.Sum();
            var first = reports.FirstOrDefault();
            reports.Add(new ArmReport(
                name,
                shown.Replies,
                count,
                buyers,
                count == 0 ? 0 : (double)buyers / count,
                count == 0 ? new Interval(0, 1) : ProportionDifference.Wilson(buyers, count),
                count > 0 && first is { Users: > 0 }
                    ? ProportionDifference.Of(buyers, count, first.Buyers, first.Users)
                    : null,
                [
                    .. shown.Products.OrderByDescending(product => product.Value)
                        .ThenBy(product => product.Key, StringComparer.Ordinal)
                        .Take(mostProducts)
                        .Select(product => new ProductExposure(
                            product.Key, product.Value, (double)product.Value / all)),
                ]));
        }

        return reports;
    }

    private sealed class Shown
    {
        public long Replies { get; set; }

        public Dictionary<string, long> Products { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Seen
    {
        public string? Arm { get; set; }

        public bool HasBought { get; set; }

        public Dictionary<string, int> FirstDays { get; } = new(StringComparer.Ordinal);
    }
}
