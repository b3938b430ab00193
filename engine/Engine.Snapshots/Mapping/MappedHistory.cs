using Engine.Kernels;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// The behaviors of the scope year in mapped memory, by user; within a user by product, type, day. Valid while its
/// snapshot is leased.
/// </summary>
public readonly struct MappedHistory
{
    private readonly MappedArray<long> _offsets;
    private readonly MappedArray<int> _products;
    private readonly MappedArray<ushort> _days;
    private readonly MappedArray<byte> _types;
    private readonly MappedArray<ushort> _counts;

    internal MappedHistory(
        MappedArray<long> offsets,
        MappedArray<int> products,
        MappedArray<ushort> days,
        MappedArray<byte> types,
        MappedArray<ushort> counts)
    {
        _offsets = offsets;
        _products = products;
        _days = days;
        _types = types;
        _counts = counts;
    }

    /// <summary>Behaviors.</summary>
    public long Count => _products.Length;

    /// <summary>The behaviors of one user.</summary>
    public HistoryRow Row(long user)
    {
        var start = _offsets[user];
        var count = _offsets[user + 1] - start;
        return new HistoryRow(
            _products.Slice(start, count),
            _days.Slice(start, count),
            _types.Slice(start, count),
            _counts.Slice(start, count));
    }

    /// <summary>
    /// Says what is wrong, or null: offsets, products in ascending order below <paramref name="products"/>, known
    /// types.
    /// </summary>
    internal string? FindProblem(int users, int products)
    {
        if (Offsets.FindProblem(_offsets, Count) is { } problem)
        {
            return problem;
        }

        for (var user = 0; user < users; user++)
        {
            var previous = 0;
            var row = Row(user);
            for (var i = 0; i < row.Count; i++)
            {
                if (row.Products[i] < previous || row.Products[i] >= products ||
                    row.Types[i] is < (byte)BehaviorType.View or > (byte)BehaviorType.Purchase)
                {
                    return InvariantText.Of(
                            $"user {user}: found product {row.Products[i]} with type {row.Types[i]}, expected "
                            + $"ascending "
                            + $"products below {products} and a known type");
                }

                previous = row.Products[i];
            }
        }

        return null;
    }
}

/// <summary>One user's behaviors, element for element, by product, type, day.</summary>
/// <param name="products">Product ordinals.</param>
/// <param name="days">Days after the scope start.</param>
/// <param name="types">The <see cref="BehaviorType"/>.</param>
/// <param name="counts">Units.</param>
public readonly ref struct HistoryRow(
    ReadOnlySpan<int> products, ReadOnlySpan<ushort> days, ReadOnlySpan<byte> types, ReadOnlySpan<ushort> counts)
{
    /// <summary>Product ordinals, ascending.</summary>
    public ReadOnlySpan<int> Products { get; } = products;

    /// <summary>Days after the scope start.</summary>
    public ReadOnlySpan<ushort> Days { get; } = days;

    /// <summary>The <see cref="BehaviorType"/> of each.</summary>
    public ReadOnlySpan<byte> Types { get; } = types;

    /// <summary>Units, net of refunds; 65,535 stands for that many or more.</summary>
    public ReadOnlySpan<ushort> Counts { get; } = counts;

    /// <summary>Behaviors.</summary>
    public int Count => Products.Length;
}
