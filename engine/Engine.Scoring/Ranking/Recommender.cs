using Engine.Kernels;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Snapshots;

namespace Engine.Scoring.Ranking;

/// <summary>
/// The top-K products for a user, a basket or both: equal to scoring every eligible product and sorting. After warm-up
/// a query allocates nothing.
/// </summary>
public static class Recommender
{
    private const int MostUnits = 1_000_000;
    private const double MostDays = 36_525;

    /// <summary>
    /// Answers <paramref name="query"/> from <paramref name="model"/> into <paramref name="answer"/>.
    /// </summary>
    /// <exception cref="UnknownIdException">
    /// No known user, no known recent product, and the policy is to fail.
    /// </exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Recommend(
        ScoringModel model, RecommendQuery query, RecommendAnswer answer, CancellationToken cancellation = default)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        CheckProfile(query);
        answer.Clear();
        var scratch = model.Rent();
        try
        {
            Recommend(model, query, answer, scratch, cancellation);
        }
        finally
        {
            model.Return(scratch);
        }
    }

    /// <summary>Rejects a query without a user and recent behavior, or with recent behavior out of its range.</summary>
    internal static void CheckProfile(RecommendQuery query)
    {
        Require.Between("recent", query.Recent.Count, 0, RecommendQuery.MaximumRecent);
        if (query.UserId.Length == 0 && query.Recent.Count == 0 && query.OnUnknown == UnknownUserPolicy.Error)
        {
            throw new InputException("give user_id or recent (or both)");
        }

        for (var i = 0; i < query.Recent.Count; i++)
        {
            // Only a row that is refused makes a text.
            var behavior = query.Recent[i];
            if (behavior is not { Count: >= 1 and <= MostUnits, AgeDays: >= 0 and <= MostDays })
            {
                Require.Between(InvariantText.Of($"recent[{i}].count"), behavior.Count, 1, MostUnits);
                Require.Between(InvariantText.Of($"recent[{i}].age_days"), behavior.AgeDays, 0, MostDays);
            }
        }
    }

    /// <summary>The search for one user's products, online and in batches: the scratch holds its spans.</summary>
    internal static TopKQuery Query(
        Snapshot snapshot,
        QueryProfile profile,
        UserProducts products,
        SparseSums sparse,
        CancellationToken cancellation = default)
    {
        sparse.Collect(snapshot, profile.Profile);
        return new TopKQuery
        {
            Vector = profile.Vector,
            Sums = sparse,
            Eligible = products.Eligible,
            Excluded = products.Excluded,
            Cancellation = cancellation,
        };
    }

    /// <summary>The best competing products of a profile that has a vector.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="profile">Whose products.</param>
    /// <param name="pool">
    /// A pool that holds all competing products, or null: a small one is searched in its own packed rows.
    /// </param>
    /// <param name="best">Receives the answer.</param>
    /// <param name="scratch">With the competing products.</param>
    /// <param name="cancellation">Ends the search early.</param>
    internal static int Search(
        ScoringModel model,
        QueryProfile profile,
        ResolvedPool? pool,
        Span<ScoredRow> best,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        var query = Query(model.Snapshot, profile, scratch.UserProducts, scratch.Sparse, cancellation);
        return pool is not null && scratch.TryLeftOut(pool.Words, out var leftOut) && pool.Search.IsPacked
            ? pool.Search.Search(
                new TopKQuery
                {
                    Vector = query.Vector,
                    Sums = query.Sums,
                    Excluded = leftOut,
                    Cancellation = cancellation,
                },
                best,
                scratch.TopK)
            : model.ProductSearch.Search(query, best, scratch.TopK);
    }

    /// <summary>
    /// Finds the profile, and the products that compete for it, into the scratch; counts what each clause removes.
    /// </summary>
    /// <exception cref="UnknownIdException">
    /// No known user, no known recent product, and the policy is to fail.
    /// </exception>
    internal static QueryProfile Compete(
        ScoringModel model,
        RecommendQuery query,
        RecommendAnswer answer,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        var snapshot = model.Snapshot;
        var profile = QueryProfile.Find(
            snapshot, query, answer.Skipped, scratch.History, scratch.Basket, scratch.FoldIn);
        answer.Source = profile.Source;
        (answer.EventsVersion, answer.EventCount) = (query.Events.Version, scratch.History.EventCount);
        EligibleProducts.Resolve(snapshot, query.Filter, answer, scratch.Eligible, scratch.Listed, cancellation);
        var products = scratch.UserProducts;
        products.Resolve(
            snapshot,
            scratch.Eligible,
            answer.EligibleCount,
            query.Purchased,
            profile.User,
            query.Recent,
            scratch.History);
        answer.RemovedByPurchased = answer.EligibleCount - products.Count;
        answer.EligibleCount = products.Count;
        return profile;
    }

    private static void Recommend(
        ScoringModel model,
        RecommendQuery query,
        RecommendAnswer answer,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        var profile = Compete(model, query, answer, scratch, cancellation);
        var count = Math.Min(query.TopK, answer.EligibleCount);
        if (answer.Source == ScoreSource.None || query.ValidateOnly || count == 0)
        {
            return;
        }

        var best = answer.Reserve(count);
        answer.Fill(answer.Source == ScoreSource.Popularity
            ? Popularity.Rank(model.Snapshot, scratch.UserProducts, best, scratch.TopK)
            : Search(model, profile, query.Filter.SavedPool, best, scratch, cancellation));
        Explainer.AddAll(model, profile, query.Explain, answer, cancellation);
    }
}
