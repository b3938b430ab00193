using Engine.Snapshots.Format;

namespace Engine.Snapshots.Mapping;

/// <summary>One user's behaviors by product, type, day.</summary>
public readonly ref struct HistoryRow
{
    private readonly ReadOnlySpan<int> _products;
    private readonly ReadOnlySpan<ushort> _days;
    private readonly ReadOnlySpan<byte> _types;
    private readonly ReadOnlySpan<ushort> _counts;
    private readonly ReadOnlySpan<byte> _records;
    private readonly MappedArray<long> _places;
    private readonly MappedArray<ushort> _large;
    private readonly long _start;

    /// <summary>Behaviors in arrays, element for element.</summary>
    /// <param name="products">Product ordinals, ascending.</param>
    /// <param name="days">Days after the scope start.</param>
    /// <param name="types">The <see cref="Manifest.BehaviorType"/>.</param>
    /// <param name="counts">Units.</param>
    public HistoryRow(
        ReadOnlySpan<int> products, ReadOnlySpan<ushort> days, ReadOnlySpan<byte> types, ReadOnlySpan<ushort> counts)
    {
        _products = products;
        _days = days;
        _types = types;
        _counts = counts;
        Count = products.Length;
    }

    /// <summary>Behaviors in records of <see cref="HistoryRecord"/>.</summary>
    /// <param name="records">Of the row.</param>
    /// <param name="start">Records before the row.</param>
    /// <param name="places">Records whose units do not fit them, ascending.</param>
    /// <param name="large">Their units.</param>
    internal HistoryRow(
        ReadOnlySpan<byte> records, long start, MappedArray<long> places, MappedArray<ushort> large)
    {
        _records = records;
        (_start, _places, _large) = (start, places, large);
        Count = records.Length / HistoryRecord.Size;
    }

    /// <summary>Behaviors.</summary>
    public int Count { get; }

    /// <summary>The product of a behavior: its ordinal.</summary>
    public int Product(int i) => _records.IsEmpty ? _products[i] : HistoryRecord.Product(_records, i);

    /// <summary>Its day after the scope start.</summary>
    public int Day(int i) => _records.IsEmpty ? _days[i] : HistoryRecord.Day(_records, i);

    /// <summary>Its <see cref="Manifest.BehaviorType"/>.</summary>
    public byte Type(int i) => _records.IsEmpty ? _types[i] : HistoryRecord.Type(_records, i);

    /// <summary>Its units, net of refunds; 65,535 stands for that many or more.</summary>
    public int Units(int i)
    {
        if (_records.IsEmpty)
        {
            return _counts[i];
        }

        var units = HistoryRecord.Units(_records, i);
        return units < HistoryRecord.LargeUnits ? units : Large(_start + i);
    }

    private int Large(long place)
    {
        var (low, high) = (0L, _places.Length - 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = _places[middle] < place ? (middle + 1, high) : (low, middle);
        }

        return _large[low];
    }
}
