using System.Buffers;
using Engine.Kernels.Arithmetic;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Ranking;

/// <summary>
/// The categories, brands or other values of a text tag that a user wants most, by the scores of their products: the
/// same numbers as ranking users for the products of a value gives.
/// </summary>
public static class TagValueRanker
{
    private const int CancellationMask = 4_095;

    /// <summary>Answers <paramref name="query"/> from <paramref name="model"/> into <paramref name="answer"/>.
    /// </summary>
    /// <exception cref="UnknownIdException">No known user and no known recent product.</exception>
    /// <exception cref="InputException">A field is out of its range, or the tag is no text tag.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Rank(
        ScoringModel model, TagValueQuery query, TagValueAnswer answer, CancellationToken cancellation = default)
    {
        Require.Between("top_k", query.TopK, 1, TagValueQuery.MaximumTopK);
        var tag = TagColumns.Text(model.Snapshot, "tag", query.Tag);
        var shopper = query.Shopper;
        shopper.OnUnknown = UnknownUserPolicy.Error;
        Recommender.CheckProfile(shopper);
        answer.Clear();
        var scratch = model.Rent();
        try
        {
            var profile = Recommender.Compete(model, shopper, answer.Competition, scratch, cancellation);
            scratch.Sparse.Collect(model.Snapshot, profile.Profile);
            var keys = query.By == PoolScore.Best
                ? Best(model, profile, tag, scratch, cancellation)
                : Mean(model, profile, tag, scratch, cancellation);
            keys.Sort((one, other) => one.Key.CompareTo(other.Key));
            answer.ValueCount = keys.Count;
            foreach (var (key, products, best) in keys.Take(query.TopK))
            {
                answer.Values.Add(new ScoredTagValue(
                    tag.Words.Get(RankKey.Ordinal(key)),
                    RankKey.Score(key),
                    products,
                    best < 0 ? null : new ProductOrdinal(best)));
            }
        }
        finally
        {
            model.Return(scratch);
        }
    }

    // A key for each value that competes, its products, and the best of them.
    private static List<(ulong Key, int Products, int Best)> Best(
        ScoringModel model,
        QueryProfile profile,
        MappedTag tag,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        var (count, best) = (new int[tag.Words.Count], new ulong[tag.Words.Count]);
        Array.Fill(best, RankKey.Last);
        var scores = ArrayPool<float>.Shared.Rent(model.Products.Rows);
        DotProduct.ScoreRows(profile.Vector, model.Products, 0, scores.AsSpan(0, model.Products.Rows));
        ForEach(scratch.UserProducts, model, product =>
        {
            var key = RankKey.Pack(scores[product] + scratch.Sparse[product], product);
            foreach (var value in tag.ValuesOf(product))
            {
                if (value >= 0)
                {
                    best[value] = Math.Min(best[value], key);
                    count[value]++;
                }
            }
        }, cancellation);
        ArrayPool<float>.Shared.Return(scores);
        var keys = new List<(ulong, int, int)>();
        for (var value = 0; value < count.Length; value++)
        {
            if (count[value] > 0)
            {
                keys.Add((
                    RankKey.Pack(RankKey.Score(best[value]), value), count[value], RankKey.Ordinal(best[value])));
            }
        }

        return keys;
    }

    private static List<(ulong Key, int Products, int Best)> Mean(
        ScoringModel model,
        QueryProfile profile,
        MappedTag tag,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        var means = new ProductMeans(tag.Words.Count, model.Products.Stride);
        var sparse = new double[tag.Words.Count];
        ForEach(scratch.UserProducts, model, product =>
        {
            foreach (var value in tag.ValuesOf(product))
            {
                if (value >= 0)
                {
                    means.Add(value, model.Products[product]);
                    sparse[value] += scratch.Sparse[product];
                }
            }
        }, cancellation);
        var keys = new List<(ulong, int, int)>();
        for (var value = 0; value < sparse.Length; value++)
        {
            if (means.Count(value) > 0)
            {
                var score = DotProduct.Score(profile.Vector, means.Row(value)) + means.Mean(value, sparse[value]);
                keys.Add((RankKey.Pack(score, value), means.Count(value), -1));
            }
        }

        return keys;
    }

    private static void ForEach(
        UserProducts products, ScoringModel model, Action<int> visit, CancellationToken cancellation)
    {
        for (var product = 0; product < model.Products.Rows; product++)
        {
            if ((product & CancellationMask) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (products.Contains(product))
            {
                visit(product);
            }
        }
    }
}
