using Engine.Kernels.Search;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Explaining;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;

namespace Engine.Scoring.Ranking;

/// <summary>
/// The top-K products for a user, a basket or both: equal to scoring every eligible product and sorting. After warm-up a
/// question allocates nothing.
/// </summary>
public static class Recommender
{
    /// <summary>Answers <paramref name="query"/> from <paramref name="model"/> into <paramref name="answer"/>.</summary>
    /// <exception cref="UnknownIdException">No known user, no known recent product, and the policy is to fail.</exception>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public static void Recommend(ScoringModel model, RecommendQuery query, RecommendAnswer answer)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        CheckSubject(query);
        answer.Clear();
        var scratch = model.Rent();
        try
        {
            Recommend(model, query, answer, scratch);
        }
        finally
        {
            model.Return(scratch);
        }
    }

    /// <summary>Refuses a query that names nobody, or recent behaviour out of its range.</summary>
    internal static void CheckSubject(RecommendQuery query)
    {
        Require.Between("recent", query.Recent.Count, 0, RecommendQuery.MaximumRecent);
        if (query.UserId.Length == 0 && query.Recent.Count == 0 && query.OnUnknown == UnknownUserPolicy.Error)
        {
            throw new InputException("found neither user_id nor recent, expected at least one of them");
        }

        foreach (var behavior in query.Recent)
        {
            Require.Between("recent.count", behavior.Count, 1, 1_000_000);
            Require.Between("recent.age_days", behavior.AgeDays, 0, 36_525);
        }
    }

    /// <summary>The best eligible products of a subject that has a vector.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="subject">Whose products.</param>
    /// <param name="pool">A pool that holds all eligible products, or null: a small one is searched in its own packed rows.</param>
    /// <param name="best">Receives the answer.</param>
    /// <param name="scratch">With the eligible products.</param>
    internal static int Search(ScoringModel model, QueryProfile subject, ResolvedPool? pool, Span<ScoredProduct> best, QueryScratch scratch)
    {
        scratch.Sparse.Collect(model, subject.Profile);
        var sparse = scratch.Sparse.Terms();
        if (pool is not null && scratch.TryLeftOut(pool, out var leftOut) && pool.Search.IsPacked)
        {
            return pool.Search.Search(new TopKQuery { Vector = subject.Vector, Sparse = sparse, Excluded = leftOut }, best, scratch.TopK);
        }

        var search = new TopKQuery { Vector = subject.Vector, Sparse = sparse, Eligible = scratch.Eligible.Words };
        return model.ProductSearch.Search(search, best, scratch.TopK);
    }

    private static void Recommend(ScoringModel model, RecommendQuery query, RecommendAnswer answer, QueryScratch scratch)
    {
        var subject = QueryProfile.Find(model, query, answer.Skipped, scratch);
        answer.Source = subject.Source;
        EligibleProducts.Resolve(model.Snapshot, subject.User, query, answer, scratch);
        var count = Math.Min(query.TopK, answer.EligibleCount);
        if (answer.Source == ScoreSource.None || query.ValidateOnly || count == 0)
        {
            return;
        }

        var best = answer.Reserve(count);
        answer.Fill(answer.Source == ScoreSource.Popularity
            ? Popularity.Rank(model.Snapshot, scratch.Eligible, best, scratch.TopK)
            : Search(model, subject, query.Filter.SavedPool, best, scratch));
        Explainer.AddAll(model, subject, query.Explain, answer);
    }
}
