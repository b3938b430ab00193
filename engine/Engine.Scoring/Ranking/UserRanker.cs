using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Ranking;

/// <summary>
/// Who wants a product, or the products of a pool: the users in descending order of their score for it, the same scores
/// as Recommend gives.
/// </summary>
public static class UserRanker
{
    /// <summary>
    /// Answers <paramref name="query"/> from <paramref name="model"/> into <paramref name="answer"/>.
    /// </summary>
    /// <exception cref="UnknownIdException">The product is not in the snapshot.</exception>
    /// <exception cref="MissingBucketsException">The model is a shard, and the query does not allow a part.</exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Rank(
        ScoringModel model, RankUsersQuery query, RankUsersAnswer answer, CancellationToken cancellation = default)
    {
        Require.Between("top_k", query.TopK, query.EstimateCurve ? 0 : 1, RankUsersQuery.MaximumTopK);
        model.Snapshot.CheckBuckets(query.AllowPartial);
        answer.Clear();
        var product = query.Pool is null ? Products.Find(model.Snapshot, query.ProductId) : -1;
        var scratch = model.Rent();
        try
        {
            if (query.Pool is { } pool)
            {
                PoolUserRanker.Rank(model, query, pool, answer, scratch, cancellation);
                return;
            }

            Resolve(model.Snapshot, product, query, answer.Skipped, scratch, cancellation);
            answer.EligibleCount = scratch.Eligible.Count;
            var count = Math.Min(query.TopK, answer.EligibleCount);
            if (answer.EligibleCount > 0 && !query.ValidateOnly)
            {
                SumSparse(model, product, scratch.Sparse, cancellation);
                var search = new TopKQuery
                {
                    Vector = model.Products[product],
                    Sparse = scratch.Sparse.Terms(),
                    Eligible = scratch.Eligible.Words,
                    Cancellation = cancellation,
                };
                if (query.ExactCurve)
                {
                    ExactCurve.Count(model, search, query, answer);
                    return;
                }

                var curve = query.EstimateCurve ? answer.BeginCurve() : null;
                answer.Fill(model.UserScans.Search(search, answer.Reserve(count), curve, scratch.TopK));
            }
        }
        finally
        {
            model.Return(scratch);
        }
    }

    /// <summary>The sparse parts of all users' scores for a product.</summary>
    internal static void SumSparse(ScoringModel model, int product, SparseSums sparse, CancellationToken cancellation)
    {
        var sources = model.Snapshot.SimilarityReverse.Row(product);
        sparse.Clear(model.Users.Rows);
        for (var i = 0; i < sources.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            // The same products, in the same order, as when the score is taken from the user's side: weight x value
            // commutes.
            sparse.Add(sources.Values[i], model.Snapshot.ProfileReverse.Row(sources.Indices[i]));
        }

        sparse.Add(model.Snapshot.ProfileReverseOwn.Row(product));
    }

    private static void Resolve(
        Snapshot snapshot,
        int product,
        RankUsersQuery query,
        SkippedIds skipped,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        EligibleUsers.Resolve(snapshot, query, skipped, scratch.Eligible, cancellation);
        if (query.Purchased == PurchasedPolicy.Include)
        {
            return;
        }

        CollectPurchasers(snapshot, product, scratch.Purchasers, cancellation);
        if (query.Purchased == PurchasedPolicy.Only)
        {
            scratch.Eligible.IntersectWith(scratch.Purchasers);
        }
        else
        {
            scratch.Eligible.Subtract(scratch.Purchasers);
        }
    }

    private static void CollectPurchasers(
        Snapshot snapshot, int product, Bitset purchasers, CancellationToken cancellation)
    {
        purchasers.Clear(snapshot.Manifest.UserCount);
        foreach (var user in snapshot.ProfileReverse.Row(product).Indices)
        {
            cancellation.ThrowIfCancellationRequested();
            var history = snapshot.History.Row(user);
            for (var i = 0; i < history.Count; i++)
            {
                if (history.Products[i] == product && history.Types[i] == (byte)BehaviorType.Purchase)
                {
                    purchasers.Add(user);
                    break;
                }
            }
        }
    }
}
