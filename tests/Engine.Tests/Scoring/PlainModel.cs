using Engine.Snapshots.Manifest;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Scoring.Queries;
using Engine.Snapshots.Writing;

namespace Engine.Tests.Scoring;

/// <summary>
/// The plain twin of the engine: scores by definition from the content that a snapshot was written from.
/// </summary>
internal static class PlainModel
{
    /// <summary>
    /// A score by definition: dense, then the sparse sum by ascending product of the history, then the own term.
    /// </summary>
    public static float Score(
        SnapshotContent content, ReadOnlySpan<float> user, SparseContent history, float[] own, int row, int product)
    {
        var dense = DotProduct.Score(user, content.ProductFactors.Row(product));
        return Sparse(content, history, own, row, product) is { } sparse ? dense + sparse : dense;
    }

    /// <summary>The sparse part of a score, or null when it has none.</summary>
    public static float? Sparse(SnapshotContent content, SparseContent history, float[] own, int row, int product)
    {
        float? sparse = null;
        float? last = null;
        for (var at = history.Offsets[row]; at < history.Offsets[row + 1]; at++)
        {
            var source = history.Indices[at];
            last = source == product ? own[at] : last;
            for (var s = content.Similarity.Offsets[source]; s < content.Similarity.Offsets[source + 1]; s++)
            {
                if (content.Similarity.Indices[s] == product)
                {
                    var term = history.Values[at] * content.Similarity.Values[s];
                    sparse = sparse is null ? term : sparse + term;
                }
            }
        }

        return last is null ? sparse : sparse is null ? last : sparse + last;
    }

    /// <summary>The mean score of some products by definition: the score for the mean product.</summary>
    public static float Mean(SnapshotContent content, int user, IReadOnlyCollection<int> products)
    {
        var history = content.Profile with { Values = content.ProfileHistory };
        var mean = new float[content.ProductFactors.Columns];
        for (var column = 0; column < mean.Length; column++)
        {
            mean[column] = (float)(products.Sum(p => (double)content.ProductFactors.Row(p)[column]) / products.Count);
        }

        var sparse = products.Sum(p => (double)(Sparse(content, history, content.ProfileOwn, user, p) ?? 0));
        return DotProduct.Score(content.UserFactors.Row(user), mean) + (float)(sparse / products.Count);
    }

    /// <summary>The score of a stored user.</summary>
    public static float Score(SnapshotContent content, int user, int product) =>
        Score(
            content,
            content.UserFactors.Row(user),
            content.Profile with { Values = content.ProfileHistory },
            content.ProfileOwn,
            user,
            product);

    /// <summary>Sorts (ordinal, score) pairs as every answer is sorted and keeps the first K.</summary>
    public static ScoredRow[] Best(IEnumerable<ScoredRow> all, int k) =>
        [.. all.OrderByDescending(p => p.Score).ThenBy(p => p.Ordinal).Take(k)];

    /// <summary>An answer's products as rows.</summary>
    public static ScoredRow[] Rows(this ReadOnlySpan<ScoredProduct> products) =>
        Array.ConvertAll(products.ToArray(), product => new ScoredRow(product.Product.Value, product.Score));

    /// <summary>An answer's users as rows.</summary>
    public static ScoredRow[] Rows(this ReadOnlySpan<ScoredUser> users) =>
        Array.ConvertAll(users.ToArray(), user => new ScoredRow(user.User.Value, user.Score));

    /// <summary>The products that a user purchased.</summary>
    public static HashSet<int> Purchased(SnapshotContent content, int user)
    {
        var purchased = new HashSet<int>();
        for (var at = content.History.Offsets[user]; at < content.History.Offsets[user + 1]; at++)
        {
            if (content.History.Types[at] == (byte)BehaviorType.Purchase)
            {
                purchased.Add(content.History.Products[at]);
            }
        }

        return purchased;
    }
}
