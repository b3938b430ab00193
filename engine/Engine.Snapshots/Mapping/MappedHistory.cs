using Engine.Kernels;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// The behaviors of the scope year in mapped memory, by user; within a user by product, type, day. Valid while its
/// snapshot is leased.
/// </summary>
public readonly struct MappedHistory
{
    private readonly MappedOffsets _offsets;
    private readonly MappedArray<int> _products;
    private readonly MappedArray<ushort> _days;
    private readonly MappedArray<byte> _types;
    private readonly MappedArray<ushort> _counts;
    private readonly MappedArray<byte> _records;
    private readonly HistoryRecord _layout;
    private readonly LargeNumbers<ushort> _large;

    /// <summary>An array for each part of a behavior.</summary>
    internal MappedHistory(
        MappedOffsets offsets,
        MappedArray<int> products,
        MappedArray<ushort> days,
        MappedArray<byte> types,
        MappedArray<ushort> counts)
    {
        (_offsets, _products, _days, _types, _counts) = (offsets, products, days, types, counts);
        Count = products.Length;
    }

    /// <summary>Records of <see cref="HistoryRecord"/>, and the units that do not fit them.</summary>
    internal MappedHistory(
        MappedOffsets offsets, HistoryRecord layout, MappedArray<byte> records, LargeNumbers<ushort> large)
    {
        (_offsets, _layout, _records, _large) = (offsets, layout, records, large);
        Count = records.Length / layout.Size;
    }

    /// <summary>Behaviors.</summary>
    public long Count { get; }

    private bool IsPacked => _records.Length > 0;

    /// <summary>The behaviors of one user.</summary>
    public HistoryRow Row(long user)
    {
        var start = _offsets[user];
        var count = _offsets[user + 1] - start;
        return IsPacked
            ? new HistoryRow(_layout, _records.Slice(start * _layout.Size, count * _layout.Size), start, _large)
            : new HistoryRow(
                _products.Slice(start, count),
                _days.Slice(start, count),
                _types.Slice(start, count),
                _counts.Slice(start, count));
    }

    /// <summary>Behaviors of the users before <paramref name="user"/>.</summary>
    internal long Start(long user) => _offsets[user];

    /// <summary>
    /// Says what is wrong, or null: offsets, products in ascending order below <paramref name="products"/>, known
    /// types, units for every record that has none.
    /// </summary>
    internal string? FindProblem(int users, int products)
    {
        if (Offsets.FindProblem(_offsets, Count) is { } problem)
        {
            return problem;
        }

        var large = 0L;
        for (var user = 0; user < users; user++)
        {
            var previous = 0;
            var row = Row(user);
            for (var i = 0; i < row.Count; i++)
            {
                var (product, type) = (row.Product(i), row.Type(i));
                if (product < previous || product >= products ||
                    type is < (byte)BehaviorType.View or > (byte)BehaviorType.Purchase)
                {
                    return InvariantText.Of(
                        $"user {user}: found product {product} with type {type}, expected ascending "
                        + $"products below {products} and a known type");
                }

                previous = product;
                var place = _offsets[user] + i;
                if (IsPacked
                    && _layout.Units(_records.Slice(place * _layout.Size, _layout.Size), 0) == _layout.LargeUnits
                    && (large == _large.Count || _large.Place(large++) != place))
                {
                    return InvariantText.Of(
                        $"user {user}: found no units of behavior {place}, expected them in their list");
                }
            }
        }

        return large == _large.Count
            ? null
            : InvariantText.Of($"found units of {_large.Count} behaviors, expected {large}");
    }
}
