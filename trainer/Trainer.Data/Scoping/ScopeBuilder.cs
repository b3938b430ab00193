using Engine;
using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;

namespace Trainer.Data.Scoping;

/// <summary>
/// Cuts a scope in three passes over the log: who is eligible, how many events each user has, and the events
/// themselves, packed as product (32 bits), type (3), day (9), count (14) so that one sort of integers gives the final
/// order.
/// </summary>
internal sealed class ScopeBuilder(Dataset dataset, Scope scope, IReadOnlySet<string>? known = null)
{
    private const int TypeBits = 3;
    private const int DayBits = 9;
    private const int CountBits = 14;

    private readonly BehaviorLog _log = dataset.Behaviors;
    private readonly int _first = scope.Start.DayNumber - BehaviorLog.BaseDay.DayNumber;
    private readonly int _last = scope.End.DayNumber - BehaviorLog.BaseDay.DayNumber;

    /// <summary>Builds it. Errors: <see cref="InputException"/> when no purchase lies in the scope.</summary>
    public ScopedDataset Build()
    {
        var users = new bool[dataset.UserIds.Length];
        var products = Array.ConvertAll(dataset.Products.Ids, id => known?.Contains(id) == true);
        for (long i = 0; i < _log.Count; i++)
        {
            var behavior = _log[i];
            if (InDays(behavior) && behavior is { Type: BehaviorType.Purchase, Count: > 0 }
                && (known is null || products[behavior.Product]))
            {
                users[behavior.User] = true;
                products[behavior.Product] = true;
            }
        }

        var userSource = Eligible(users, dataset.UserIds);
        var productSource = Eligible(products, dataset.Products.Ids);
        if (userSource.Length == 0)
        {
            throw new InputException(
                $"no purchase lies in the scope {scope}. It ends with the latest behavior of the dataset; " +
                "check for rows with a wrong time.");
        }

        var userOf = Numbering.Invert(userSource, users.Length);
        var productOf = Numbering.Invert(productSource, products.Length);
        var (offsets, report) = Count(userOf, productOf);
        var events = Scatter(userOf, productOf, offsets);
        events = DailyTotals.Merge(events, offsets, CountBits);
        return Unpack(events, offsets, userSource, productSource, report);
    }

    private static int[] Eligible(bool[] eligible, string[] ids)
    {
        var source = Enumerable.Range(0, ids.Length).Where(i => eligible[i]).ToArray();
        Array.Sort(Array.ConvertAll(source, i => ids[i]), source, Utf8Order.Instance);
        return source;
    }

    private bool InDays(Behavior behavior) => behavior.Day >= _first && behavior.Day <= _last;

    private (long[] Offsets, ScopeReport Report) Count(int[] userOf, int[] productOf)
    {
        var offsets = new long[userOf.Count(u => u >= 0) + 1];
        long before = 0, after = 0, cancelled = 0, noUser = 0, noProduct = 0;
        for (long i = 0; i < _log.Count; i++)
        {
            var behavior = _log[i];
            if (!InDays(behavior))
            {
                before += behavior.Day < _first ? 1 : 0;
                after += behavior.Day > _last ? 1 : 0;
            }
            else if (behavior.Count == 0)
            {
                cancelled++;
            }
            else if (userOf[behavior.User] < 0)
            {
                noUser++;
            }
            else if (productOf[behavior.Product] < 0)
            {
                noProduct++;
            }
            else
            {
                offsets[userOf[behavior.User] + 1]++;
            }
        }

        for (var u = 1; u < offsets.Length; u++)
        {
            offsets[u] += offsets[u - 1];
        }

        return (offsets, new ScopeReport(
            _log.Count, offsets[^1], before, after, cancelled, noUser, noProduct,
            userOf.Count(u => u < 0), productOf.Count(p => p < 0)));
    }

    private ulong[] Scatter(int[] userOf, int[] productOf, long[] offsets)
    {
        var events = new ulong[offsets[^1]];
        var next = offsets[..^1];
        for (long i = 0; i < _log.Count; i++)
        {
            var behavior = _log[i];
            if (InDays(behavior) && behavior.Count > 0
                && userOf[behavior.User] is var user and >= 0 && productOf[behavior.Product] is var product and >= 0)
            {
                var packed = ((ulong)product << TypeBits) | (uint)behavior.Type;
                packed = (packed << DayBits) | (uint)(behavior.Day - _first);
                events[next[user]++] = (packed << CountBits) | (uint)behavior.Count;
            }
        }

        for (var u = 0; u < next.Length; u++)
        {
            events.AsSpan((int)offsets[u], (int)(offsets[u + 1] - offsets[u])).Sort();
        }

        return events;
    }

    private ScopedDataset Unpack(
        ulong[] events, long[] offsets, int[] userSource, int[] productSource, ScopeReport report)
    {
        var products = new int[events.Length];
        var types = new BehaviorType[events.Length];
        var days = new ushort[events.Length];
        var counts = new ushort[events.Length];
        for (var i = 0; i < events.Length; i++)
        {
            var packed = events[i];
            counts[i] = (ushort)(packed & ((1 << CountBits) - 1));
            days[i] = (ushort)((packed >> CountBits) & ((1 << DayBits) - 1));
            types[i] = (BehaviorType)((packed >> (CountBits + DayBits)) & ((1 << TypeBits) - 1));
            products[i] = (int)(packed >> (CountBits + DayBits + TypeBits));
        }

        return new ScopedDataset
        {
            Scope = scope,
            Dataset = dataset,
            UserIds = Array.ConvertAll(userSource, u => dataset.UserIds[u]),
            ProductIds = Array.ConvertAll(productSource, p => dataset.Products.Ids[p]),
            UserSource = userSource,
            ProductSource = productSource,
            Offsets = offsets,
            Products = products,
            Days = days,
            Types = types,
            Counts = counts,
            Report = report,
        };
    }
}
