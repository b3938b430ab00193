using Engine.Kernels.Sparse;
using Trainer.Models.Matrices;

namespace Trainer.Models.Similarity;

/// <summary>
/// One row of the item-item Gram at a time: for item j the sum over its users of their weight for every item i, in
/// ascending user order, and the number of users; and the items that may be strong enough. Items are ranks of a
/// <see cref="PopularityOrder"/>. Scratch of one thread.
/// </summary>
/// <param name="order">The interactions.</param>
/// <param name="userWeights">A weight of at least 0 for every user.</param>
/// <param name="scale">A factor of at least 0 for every item, by which candidates are ordered.</param>
/// <param name="shrinkage">Prior pseudo-count of users, see <see cref="SimilarityOptions.Shrinkage"/>.</param>
/// <param name="counted">Whether the numbers of users are wanted too.</param>
public sealed class CoOccurrence(
    PopularityOrder order, float[] userWeights, double[] scale, double shrinkage, bool counted)
{
    private readonly PairCounts _counts = new(
        order.ByUser.Offsets,
        order.ByUser.Columns,
        userWeights.AsSpan().ContainsAnyExcept(1f) ? userWeights : null,
        Array.ConvertAll(scale, x => (float)x),
        (float)shrinkage,
        sumsAlone: !counted && userWeights.AsSpan().ContainsAnyExcept(1f));

    private readonly int[] _found = new int[4 * PairCounts.Block];
    private int _position;

    /// <summary>sum of the weights of the users who have both.</summary>
    public float Sum(int item) => _counts.Sum(item);

    /// <summary>Users who have both, if counted.</summary>
    public int Support(int item) => _counts.Count(item);

    /// <summary>Computes row <paramref name="item"/>.</summary>
    public void Collect(int item)
    {
        _counts.Collect(order.ByItem.Row(item));
        _position = 0;
    }

    /// <summary>
    /// The next items, in no particular order, with a value Sum * scale * n / (n + shrinkage) above 0 and of at least
    /// about <paramref name="threshold"/>; a few below it may be among them. Empty at the end.
    /// </summary>
    public ReadOnlySpan<int> Next(double threshold)
    {
        var count = 0;
        while (count == 0 && _position < _counts.PaddedCount)
        {
            // fp32 rounds the scale, the sums and the threshold: far less than 1e-6 together.
            count = _counts.FindAbove(threshold * (1 - 1e-6), ref _position, _found);
        }

        return _found.AsSpan(0, count);
    }
}
