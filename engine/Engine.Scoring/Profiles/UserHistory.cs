using Engine.Scoring.Events;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Profiles;

/// <summary>
/// What a user did, the stored history and the events since then, as the trainer would have read both: refunds take
/// from the latest purchases, the scope year ends with the user's latest event, older rows have left it. With it the
/// profile, the factors and the purchased products of the user are those of a training that knew these rows, with the
/// products' side unchanged. Scratch of one thread; after warm-up it allocates nothing.
/// </summary>
internal sealed class UserHistory
{
    private static readonly int Epoch = new DateOnly(1970, 1, 1).DayNumber;

    private readonly Snapshot _snapshot;
    private readonly long _after;
    private readonly int _lastDay;
    private Row[] _rows = new Row[64];
    private Happened[] _events = new Happened[16];
    private int _rowCount;
    private int _firstDay;
    private int _day;

    /// <summary>Scratch for a snapshot's users.</summary>
    public UserHistory(Snapshot snapshot)
    {
        _snapshot = snapshot;
        _after = EventTime.Of(snapshot.Manifest.Scope.LastTime);
        _lastDay = snapshot.Manifest.Scope.LastDay.DayNumber - Epoch;
    }

    /// <summary>Events that are later than the data of the snapshot.</summary>
    public int EventCount { get; private set; }

    /// <summary>Whether there are any: then this is the user's history, and not the stored one.</summary>
    public bool IsTouched => EventCount > 0;

    /// <summary>Whether a row is left that counts.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Reads a user; valid until the next call.</summary>
    /// <param name="user">The stored user's ordinal, or -1.</param>
    /// <param name="id">The user's id.</param>
    /// <param name="view">The events.</param>
    public void Read(int user, ReadOnlySpan<char> id, EventView view)
    {
        Begin();
        if (view is { Version: > 0, Events: { } events })
        {
            Read(user, events.Find(id), view);
        }
    }

    /// <summary>The same for a stored user.</summary>
    public void Read(int user, EventView view)
    {
        Begin();
        if (view is { Version: > 0, Events: { } events })
        {
            Read(user, events.Find(_snapshot.UserIds.Utf8(user)), view);
        }
    }

    /// <summary>Adds the rows to a profile.</summary>
    public void AddTo(ProfileBuilder profile)
    {
        foreach (ref readonly var row in _rows.AsSpan(0, _rowCount))
        {
            if (Counts(row))
            {
                profile.Add(row.Product, (BehaviorType)row.Type, _day - row.Day);
            }
        }
    }

    /// <summary>The next purchased product at or after a place; -1 after the last. A product may come twice.</summary>
    public int NextPurchased(ref int place)
    {
        while (place < _rowCount)
        {
            ref readonly var row = ref _rows[place++];
            if (row.Type == EventType.Purchase && Counts(row))
            {
                return row.Product;
            }
        }

        return -1;
    }

    /// <summary>A copy of the rows that count, with days after the scope start.</summary>
    public (int[] Products, ushort[] Days, byte[] Types, ushort[] Counts) Rows()
    {
        var (rows, start) = (Array.FindAll(_rows[.._rowCount], row => Counts(row)), _lastDay - _snapshot.ScopeDays);
        return (
            [.. rows.Select(row => row.Product)],
            [.. rows.Select(row => (ushort)(row.Day - start))],
            [.. rows.Select(row => (byte)row.Type)],
            [.. rows.Select(row => (ushort)Math.Min(row.Count, ushort.MaxValue))]);
    }

    private void Begin() => (_rowCount, EventCount, IsKnown) = (0, 0, false);

    private void Read(int user, int number, EventView view)
    {
        if (number >= 0)
        {
            Collect(view.Events!.LastOf(number), view);
        }

        if (!IsTouched)
        {
            return;
        }

        AddStored(user, view.Events!.User(number));
        var events = _events.AsSpan(0, EventCount);
        events.Sort();
        _day = Math.Max(_lastDay, (int)(events[^1].Time / EventTime.OfDay));
        foreach (ref readonly var one in events)
        {
            if (one.Product < 0)
            {
                continue;
            }

            if (one.Type == EventType.Refund)
            {
                Refund(one.Product, one.Count);
            }
            else
            {
                Add(new Row(one.Product, one.Type, (int)(one.Time / EventTime.OfDay), one.Count));
            }
        }

        _firstDay = DateOnly.FromDayNumber(_day + Epoch).AddYears(-1).DayNumber - Epoch;
        foreach (ref readonly var row in _rows.AsSpan(0, _rowCount))
        {
            IsKnown |= Counts(row);
        }
    }

    private bool Counts(in Row row) => row.Count > 0 && row.Day >= _firstDay;

    // Newest first, those of later versions left out.
    private void Collect(int last, EventView view)
    {
        var events = view.Events!;
        for (var index = last; index >= 0; index = events.At(index).Previous)
        {
            ref readonly var one = ref events.At(index);
            if (!events.Has(one, view.Version) || one.Time <= _after)
            {
                continue;
            }

            if (EventCount == _events.Length)
            {
                Array.Resize(ref _events, 2 * EventCount);
            }

            var product = _snapshot.ProductIds.Find(events.Product(one.Product));
            _events[EventCount++] = new Happened(one.Time, one.Type, product, one.Count);
        }
    }

    // Products ascend, and the days of each: the latest purchase of a product is the last of its rows.
    private void AddStored(int user, ReadOnlySpan<byte> id)
    {
        if (user >= 0)
        {
            Add(_snapshot.History.Row(user), _lastDay - _snapshot.ScopeDays);
        }
        else if (_snapshot.OutOfScope is { } others && others.FindUser(id) is >= 0 and var other
            && !_snapshot.HiddenOthers.Contains(other))
        {
            Add(others.OfOther(other), 0);
        }
    }

    private void Add(HistoryRow rows, int firstDay)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows.Product(i) < _snapshot.Manifest.ProductCount)
            {
                Add(new Row(rows.Product(i), (EventType)rows.Type(i), firstDay + rows.Day(i), rows.Units(i)));
            }
        }
    }

    private void Add(in Row row)
    {
        if (_rowCount == _rows.Length)
        {
            Array.Resize(ref _rows, 2 * _rowCount);
        }

        _rows[_rowCount++] = row;
    }

    // As the trainer's refunds without an order: from the latest purchases that are not later. All rows so far are.
    private void Refund(int product, int count)
    {
        for (var i = _rowCount - 1; i >= 0 && count > 0; i--)
        {
            ref var row = ref _rows[i];
            if (row.Product == product && row.Type == EventType.Purchase)
            {
                var taken = Math.Min(count, row.Count);
                (row, count) = (row with { Count = row.Count - taken }, count - taken);
            }
        }
    }

    private readonly record struct Row(int Product, EventType Type, int Day, int Count);

    /// <summary>By time; of one time, a refund comes after the purchases that it may take from.</summary>
    private readonly record struct Happened(long Time, EventType Type, int Product, int Count) : IComparable<Happened>
    {
        public int CompareTo(Happened other) =>
            Time != other.Time ? Time.CompareTo(other.Time) : ((byte)Type).CompareTo((byte)other.Type);
    }
}
