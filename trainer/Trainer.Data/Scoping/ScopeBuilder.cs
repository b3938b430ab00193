using Engine;
using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Running;

namespace Trainer.Data.Scoping;

/// <summary>
/// Cuts a scope in three passes over the log: who is eligible, how many events each user has, and the events
/// themselves, packed as product (32 bits), type (3), day (9), count (14) so that one sort of integers gives the final
/// order. Threads take blocks of the log, then users; what they do in which order changes nothing.
/// </summary>
internal sealed class ScopeBuilder(Dataset dataset, Scope scope, IReadOnlySet<string>? known, RunContext run)
{
    private const int TypeBits = 3;
    private const int DayBits = 9;
    private const int CountBits = 14;
    private const int UsersPerPiece = 4096;

    private readonly ParallelOptions _threads =
        new() { MaxDegreeOfParallelism = run.Threads, CancellationToken = run.Cancel };

    private readonly BehaviorLog _log = dataset.Behaviors;
    private readonly int _first = scope.Start.DayNumber - BehaviorLog.BaseDay.DayNumber;
    private readonly int _last = scope.End.DayNumber - BehaviorLog.BaseDay.DayNumber;

    /// <summary>Builds it. Errors: <see cref="InputException"/> when no purchase lies in the scope.</summary>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public ScopedDataset Build()
    {
        // A scope takes more than most steps do, and begins after one.
        ReleasedMemory.Collect(_log.Count);
        var users = new bool[dataset.UserIds.Length];
        var products = Array.ConvertAll(dataset.Products.Ids, id => known?.Contains(id) == true);
        ForEachBlock((first, end) =>
        {
            for (var i = first; i < end; i++)
            {
                var behavior = _log[i];
                if (InDays(behavior) && behavior is { Type: BehaviorType.Purchase, Count: > 0 }
                    && (known is null || products[behavior.Product]))
                {
                    users[behavior.User] = true;
                    products[behavior.Product] = true;
                }
            }
        });
        int[] userSource = [.. dataset.UsersById.Where(user => users[user])];
        int[] productSource = [.. dataset.ProductsById.Where(product => products[product])];
        if (userSource.Length == 0)
        {
            throw new InputException(
                $"no purchase lies in the scope {scope}. It ends with the latest behavior of the dataset; " +
                "check for rows with a wrong time.");
        }

        var userOf = Numbering.Invert(userSource, users.Length);
        var productOf = Numbering.Invert(productSource, products.Length);
        var (room, report) = Count(userOf, productOf, userSource.Length);
        var events = Scatter(userOf, productOf, room);
        return Unpack(events, room, Merge(events, room), userSource, productSource, report);
    }

    private bool InDays(Behavior behavior) => behavior.Day >= _first && behavior.Day <= _last;

    private void ForEachBlock(Action<long, long> visit) => Parallel.For(0, _log.Blocks, _threads, block =>
    {
        var (first, end) = _log.BlockAt(block);
        visit(first, end);
    });

    private void ForEachUser(int users, Action<int> visit) => Parallel.For(
        0,
        (users + UsersPerPiece - 1) / UsersPerPiece,
        _threads,
        piece =>
        {
            for (var user = piece * UsersPerPiece; user < Math.Min(users, (piece + 1) * UsersPerPiece); user++)
            {
                visit(user);
            }
        });

    private (long[] Offsets, ScopeReport Report) Count(int[] userOf, int[] productOf, int users)
    {
        var offsets = new long[users + 1];
        long before = 0, after = 0, cancelled = 0, noUser = 0, noProduct = 0;
        ForEachBlock((first, end) =>
        {
            var (early, late, none, stranger, unknown) = (0L, 0L, 0L, 0L, 0L);
            for (var i = first; i < end; i++)
            {
                var behavior = _log[i];
                if (!InDays(behavior))
                {
                    early += behavior.Day < _first ? 1 : 0;
                    late += behavior.Day > _last ? 1 : 0;
                }
                else if (behavior.Count == 0)
                {
                    none++;
                }
                else if (userOf[behavior.User] < 0)
                {
                    stranger++;
                }
                else if (productOf[behavior.Product] < 0)
                {
                    unknown++;
                }
                else
                {
                    Interlocked.Increment(ref offsets[userOf[behavior.User] + 1]);
                }
            }

            Interlocked.Add(ref before, early);
            Interlocked.Add(ref after, late);
            Interlocked.Add(ref cancelled, none);
            Interlocked.Add(ref noUser, stranger);
            Interlocked.Add(ref noProduct, unknown);
        });
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
        ForEachBlock((first, end) =>
        {
            for (var i = first; i < end; i++)
            {
                var behavior = _log[i];
                if (InDays(behavior) && behavior.Count > 0 && userOf[behavior.User] is var user and >= 0
                    && productOf[behavior.Product] is var product and >= 0)
                {
                    var packed = ((ulong)product << TypeBits) | (uint)behavior.Type;
                    packed = (packed << DayBits) | (uint)(behavior.Day - _first);
                    events[Interlocked.Increment(ref next[user]) - 1] = (packed << CountBits) | (uint)behavior.Count;
                }
            }
        });
        return events;
    }

    // Sorts and merges the events of each user, who keeps their place. Returns where they are to start.
    private long[] Merge(ulong[] events, long[] room)
    {
        var offsets = new long[room.Length];
        ForEachUser(room.Length - 1, user =>
        {
            var row = events.AsSpan((int)room[user], (int)(room[user + 1] - room[user]));
            row.Sort();
            offsets[user + 1] = DailyTotals.MergeRow(row, CountBits);
        });
        for (var user = 1; user < offsets.Length; user++)
        {
            offsets[user] += offsets[user - 1];
        }

        return offsets;
    }

    private ScopedDataset Unpack(
        ulong[] events, long[] room, long[] offsets, int[] userSource, int[] productSource, ScopeReport report)
    {
        var products = new int[offsets[^1]];
        var types = new BehaviorType[products.Length];
        var days = new ushort[products.Length];
        var counts = new ushort[products.Length];
        ForEachUser(userSource.Length, user =>
        {
            for (var (i, from) = (offsets[user], room[user]); i < offsets[user + 1]; i++, from++)
            {
                var packed = events[from];
                counts[i] = (ushort)(packed & ((1 << CountBits) - 1));
                days[i] = (ushort)((packed >> CountBits) & ((1 << DayBits) - 1));
                types[i] = (BehaviorType)((packed >> (CountBits + DayBits)) & ((1 << TypeBits) - 1));
                products[i] = (int)(packed >> (CountBits + DayBits + TypeBits));
            }
        });
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
