using Engine.Model.Kernels;

namespace Trainer.Models;

/// <summary>
/// One row of the item-item Gram at a time: for item j the sum over its users of their weight for every item i, in ascending
/// user order, and the number of users; and the items that may be strong enough. Scratch of one thread.
/// </summary>
/// <param name="byUser">Users by items.</param>
/// <param name="byItem">The same by item.</param>
/// <param name="userWeights">A weight for every user.</param>
/// <param name="scale">A factor for every item, by which candidates are ordered.</param>
/// <param name="shrinkage">Users of doubt, see <see cref="SimilarityOptions.Shrinkage"/>.</param>
public sealed class CoOccurrence(InteractionMatrix byUser, InteractionMatrix byItem, float[] userWeights, double[] scale, double shrinkage)
{
    private readonly PairCounts _counts = new(
        byUser.Offsets, byUser.Columns, byUser.ColumnCount, userWeights.AsSpan().ContainsAnyExcept(1f) ? userWeights : null);

    private readonly float[] _scale = [.. scale.Select(x => (float)x), .. new float[PaddingOf(scale.Length)]];
    private readonly int[] _found = new int[256];
    private int _position;

    /// <summary>sum of the weights of the users who have both.</summary>
    public float Sum(int item) => _counts.Sum(item);

    /// <summary>Users who have both.</summary>
    public int Support(int item) => _counts.Counts[item];

    /// <summary>Computes row <paramref name="item"/>.</summary>
    public void Collect(int item)
    {
        _counts.Collect(byItem.RowColumns(item));
        _position = 0;
    }

    /// <summary>
    /// The next items, ascending, that have a common user and at least about <paramref name="threshold"/> as Sum * scale * n / (n + shrinkage);
    /// a few below it may be among them. Empty at the end.
    /// </summary>
    public ReadOnlySpan<int> Next(double threshold)
    {
        var count = 0;
        while (count == 0 && _position < _counts.PaddedCount)
        {
            // fp32 rounds the scale, the product and the threshold: far less than 1e-6 together.
            count = _counts.FindAbove(_scale, (float)shrinkage, (float)(threshold * (1 - 1e-6)), ref _position, _found);
        }

        return _found.AsSpan(0, count);
    }

    private static int PaddingOf(int items) => (32 - (items % 32)) % 32;
}
