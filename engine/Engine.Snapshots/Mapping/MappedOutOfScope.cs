using System.Text;
using Engine.Kernels;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// The behaviors of the dataset outside the scope, in mapped memory: of users that the snapshot does not score, with
/// products that it does not score, or before the scope year. Only audiences use them. Valid while its snapshot is
/// leased.
/// </summary>
public sealed class MappedOutOfScope
{
    private readonly MappedHistory _rows;
    private readonly int _users;
    private readonly int _products;

    internal MappedOutOfScope(MappedHistory rows, StringTable userIds, StringTable productIds, int users, int products)
    {
        _rows = rows;
        UserIds = userIds;
        ProductIds = productIds;
        _users = users;
        _products = products;
    }

    /// <summary>Users that the snapshot does not score, ascending by UTF-8 bytes.</summary>
    public StringTable UserIds { get; }

    /// <summary>Products that the snapshot does not score, ascending by UTF-8 bytes.</summary>
    public StringTable ProductIds { get; }

    /// <summary>
    /// The rows of a user of the snapshot; days count from 1970-01-01, product P + k is product k of
    /// <see cref="ProductIds"/>.
    /// </summary>
    /// <param name="user">User ordinal.</param>
    public HistoryRow OfUser(int user) => _rows.Row(user);

    /// <summary>
    /// The rows of user <paramref name="index"/> of <see cref="UserIds"/>, as in <see cref="OfUser"/>.
    /// </summary>
    public HistoryRow OfOther(int index) => _rows.Row((long)_users + index);

    /// <summary>The number by which rows name a product that the snapshot does not score, or -1.</summary>
    public int FindProduct(string id) =>
        Find(ProductIds, Encoding.UTF8.GetBytes(id)) is >= 0 and var index ? _products + index : -1;

    /// <summary>The place of an id in <see cref="UserIds"/>, or -1.</summary>
    public int FindUser(ReadOnlySpan<byte> utf8) => Find(UserIds, utf8);

    private static int Find(StringTable ids, ReadOnlySpan<byte> utf8)
    {
        var (low, high) = (0, ids.Count - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            switch (ids.Utf8(middle).SequenceCompareTo(utf8))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return -1;
    }

    /// <summary>
    /// Says what is wrong, or null: texts, offsets, products in ascending order, known types, ids in order.
    /// </summary>
    internal string? FindProblem() =>
        UserIds.FindProblem() ?? ProductIds.FindProblem()
            ?? _rows.FindProblem(_users + UserIds.Count, _products + ProductIds.Count)
            ?? Disorder(UserIds) ?? Disorder(ProductIds);

    private static string? Disorder(StringTable ids)
    {
        for (var i = 1; i < ids.Count; i++)
        {
            if (ids.Utf8(i - 1).SequenceCompareTo(ids.Utf8(i)) >= 0)
            {
                return InvariantText.Of($"found id {i} not above the one before it, expected ids in ascending order");
            }
        }

        return null;
    }
}
