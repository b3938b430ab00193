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
    private readonly HistoryRecord _layout;
    private readonly LargeNumbers<ushort> _large;
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
    /// <param name="layout">Of the records.</param>
    /// <param name="records">Of the row.</param>
    /// <param name="start">Records before the row.</param>
    /// <param name="large">Units that do not fit a record.</param>
    internal HistoryRow(HistoryRecord layout, ReadOnlySpan<byte> records, long start, LargeNumbers<ushort> large)
    {
        _records = records;
        (_layout, _start, _large) = (layout, start, large);
        Count = records.Length / layout.Size;
    }

    /// <summary>Behaviors.</summary>
    public int Count { get; }

    /// <summary>The product of a behavior: its ordinal.</summary>
    public int Product(int i) => _records.IsEmpty ? _products[i] : _layout.Product(_records, i);

    /// <summary>Its day after the scope start.</summary>
    public int Day(int i) => _records.IsEmpty ? _days[i] : _layout.Day(_records, i);

    /// <summary>Its <see cref="Manifest.BehaviorType"/>.</summary>
    public byte Type(int i) => _records.IsEmpty ? _types[i] : _layout.Type(_records, i);

    /// <summary>Its units, net of refunds; 65,535 stands for that many or more.</summary>
    public int Units(int i)
    {
        if (_records.IsEmpty)
        {
            return _counts[i];
        }

        var units = _layout.Units(_records, i);
        return units < _layout.LargeUnits ? units : _large.Of(_start + i);
    }
}
