namespace Trainer.Models;

/// <summary>
/// One row of the item-item Gram at a time: for item j the sum over its users of a_uj b_ui for every item i, in ascending
/// user order, and the number of users. Scratch of one thread.
/// </summary>
public sealed class CoOccurrence(InteractionMatrix byUser, InteractionMatrix byItem)
{
    // Where no user is damped the sum is the number of users: one array less to touch.
    private readonly bool _uniform = !byUser.Weights.AsSpan().ContainsAnyExcept(1f) && !byItem.Weights.AsSpan().ContainsAnyExcept(1f);
    private readonly float[] _sums = new float[byUser.ColumnCount];
    private readonly int[] _supports = new int[byUser.ColumnCount];
    private readonly int[] _touched = new int[byUser.ColumnCount + 1];

    /// <summary>The items met by the last <see cref="Collect"/>, in order of first meeting.</summary>
    public ReadOnlySpan<int> Touched => _touched.AsSpan(0, Count);

    /// <summary>Items met by the last <see cref="Collect"/>.</summary>
    public int Count { get; private set; }

    /// <summary>sum a_uj b_ui of a touched item i.</summary>
    public float Sum(int item) => _uniform ? _supports[item] : _sums[item];

    /// <summary>Users who have both.</summary>
    public int Support(int item) => _supports[item];

    /// <summary>Computes row <paramref name="item"/>; a comes from the matrix by item, b from the matrix by user.</summary>
    public void Collect(int item)
    {
        foreach (var old in Touched)
        {
            _sums[old] = 0;
            _supports[old] = 0;
        }

        Count = _uniform ? CountPairs(item) : SumPairs(item);
    }

    private int CountPairs(int item)
    {
        var (supports, touched) = (_supports, _touched);
        var count = 0;
        foreach (var user in byItem.RowColumns(item))
        {
            foreach (var other in byUser.RowColumns(user))
            {
                touched[count] = other;
                count += supports[other]++ == 0 ? 1 : 0;
            }
        }

        return count;
    }

    private int SumPairs(int item)
    {
        var (sums, supports, touched) = (_sums, _supports, _touched);
        var count = 0;
        var users = byItem.RowColumns(item);
        var values = byItem.RowWeights(item);
        for (var e = 0; e < users.Length; e++)
        {
            var items = byUser.RowColumns(users[e]);
            var weights = byUser.RowWeights(users[e])[..items.Length];
            var value = values[e];
            for (var n = 0; n < items.Length; n++)
            {
                var other = items[n];
                touched[count] = other;
                count += supports[other]++ == 0 ? 1 : 0;
                sums[other] += value * weights[n];
            }
        }

        return count;
    }
}
