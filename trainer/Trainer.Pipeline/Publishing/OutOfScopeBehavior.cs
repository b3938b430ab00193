using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;

namespace Trainer.Pipeline.Publishing;

/// <summary>
/// Collects the behaviors of a dataset that the scope left out, so that audiences by behavior hold everybody who did
/// something, whether or not they are scored. Two passes over the log: count, then scatter packed events and sort each
/// row.
/// </summary>
internal sealed class OutOfScopeBehavior
{
    private const int CountBits = 14;
    private const int DayBits = 16;
    private const int TypeBits = 2;

    private readonly ScopedDataset _scoped;
    private readonly BehaviorLog _log;
    private readonly int[] _users;
    private readonly int[] _products;
    private readonly int _firstDay;

    private OutOfScopeBehavior(ScopedDataset scoped, int[] order)
    {
        _scoped = scoped;
        _log = scoped.Dataset.Behaviors;
        _firstDay = BehaviorLog.Day(scoped.Scope.Start);
        _users = Numbering.Invert(scoped.UserSource, scoped.Dataset.UserIds.Length);
        _products = Numbering.Invert(
            Array.ConvertAll(order, product => scoped.ProductSource[product]), scoped.Dataset.Products.Count);
    }

    /// <summary>The behaviors that the snapshot's history does not hold, or null when it holds all.</summary>
    /// <param name="scoped">The scope, which ends with the dataset.</param>
    /// <param name="order">For each product ordinal the product's index in the scope.</param>
    public static OutOfScopeContent? Of(ScopedDataset scoped, int[] order) =>
        new OutOfScopeBehavior(scoped, order).Build();

    private OutOfScopeContent? Build()
    {
        var (users, products) = (new bool[_users.Length], new bool[_products.Length]);
        for (var i = 0L; i < _log.Count; i++)
        {
            var behavior = _log[i];
            if (IsOutside(behavior))
            {
                users[behavior.User] = _users[behavior.User] < 0;
                products[behavior.Product] = _products[behavior.Product] < 0;
            }
        }

        var userIds = Number(users, _users, _scoped.Dataset.UserIds, _scoped.UserCount);
        var productIds = Number(products, _products, _scoped.Dataset.Products.Ids, _scoped.ProductCount);
        var offsets = new long[_scoped.UserCount + userIds.Length + 1];
        for (var i = 0L; i < _log.Count; i++)
        {
            var behavior = _log[i];
            if (IsOutside(behavior))
            {
                offsets[_users[behavior.User] + 1]++;
            }
        }

        for (var row = 1; row < offsets.Length; row++)
        {
            offsets[row] += offsets[row - 1];
        }

        if (offsets[^1] == 0)
        {
            return null;
        }

        var events = new ulong[offsets[^1]];
        var next = offsets[..^1];
        for (var i = 0L; i < _log.Count; i++)
        {
            var behavior = _log[i];
            if (IsOutside(behavior))
            {
                events[next[_users[behavior.User]]++] = Pack(behavior);
            }
        }

        for (var row = 0; row < next.Length; row++)
        {
            events.AsSpan((int)offsets[row], (int)(offsets[row + 1] - offsets[row])).Sort();
        }

        events = DailyTotals.Merge(events, offsets, CountBits);

        return new OutOfScopeContent(
            userIds,
            productIds,
            offsets,
            Array.ConvertAll(events, packed => (int)(packed >> (CountBits + DayBits + TypeBits))),
            Array.ConvertAll(events, packed => (ushort)((packed >> CountBits) & ((1 << DayBits) - 1))),
            Array.ConvertAll(
                events,
                packed =>
                    (byte)(((packed >> (CountBits + DayBits)) & ((1 << TypeBits) - 1)) + (uint)BehaviorType.View)),
            Array.ConvertAll(events, packed => (ushort)(packed & ((1 << CountBits) - 1))));
    }

    // What is not numbered yet (-1) and what is numbered behind the scope's own are both beyond it. A count of 0 was
    // refunded.
    private bool IsOutside(Behavior behavior) => behavior.Count > 0 &&
        (behavior.Day < _firstDay || (uint)_users[behavior.User] >= _scoped.UserCount
            || (uint)_products[behavior.Product] >= _scoped.ProductCount);

    private ulong Pack(Behavior behavior)
    {
        var packed = ((ulong)_products[behavior.Product] << TypeBits) | ((uint)behavior.Type - (uint)BehaviorType.View);
        packed = (packed << DayBits) | (uint)behavior.Day;
        return (packed << CountBits) | (uint)behavior.Count;
    }

    /// <summary>Numbers what is left out behind what is in scope, in the order of the ids' bytes.</summary>
    private static string[] Number(bool[] leftOut, int[] rows, string[] ids, int first)
    {
        var source = Enumerable.Range(0, leftOut.Length).Where(i => leftOut[i]).ToArray();
        var names = Array.ConvertAll(source, i => ids[i]);
        Array.Sort(names, source, Utf8Order.Instance);
        for (var i = 0; i < source.Length; i++)
        {
            rows[source[i]] = first + i;
        }

        return names;
    }
}
