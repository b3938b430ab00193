using Engine.Model;
using Engine.Model.Kernels;
using Engine.Scoring.Hosting;
using Engine.Scoring.Queries;

namespace Engine.Scoring;

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
        Check(query);
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

    private static void Recommend(ScoringModel model, RecommendQuery query, RecommendAnswer answer, QueryScratch scratch)
    {
        var snapshot = model.Snapshot;
        var user = snapshot.UserIds.Find(query.UserId);
        if (user < 0 && query.UserId.Length > 0)
        {
            answer.Skipped.Add(query.UserId, SkipReason.UnknownUser);
        }

        var recent = FillBasket(model, user, query, answer.Skipped, scratch);
        answer.Source = SourceOf(user >= 0, recent, query);
        Eligibility.Resolve(snapshot, user, query, answer, scratch);
        var count = Math.Min(query.TopK, answer.EligibleCount);
        if (answer.Source == ScoreSource.None || query.ValidateOnly || count == 0)
        {
            return;
        }

        var best = answer.Reserve(count);
        answer.Fill(answer.Source switch
        {
            ScoreSource.Popularity => Popularity.Rank(snapshot, scratch.Eligible, best, scratch.TopK),
            ScoreSource.User => Search(model, model.Users[user], ProfileRow.Of(snapshot, user), best, scratch),
            _ => Search(model, scratch.FoldIn.Solve(scratch.Basket.Row.Weights, scratch.Basket.UserRate), scratch.Basket.Row, best, scratch),
        });
    }

    /// <summary>Fills the basket when there is recent behaviour with known products; says whether there is.</summary>
    private static bool FillBasket(ScoringModel model, int user, RecommendQuery query, SkippedIds skipped, QueryScratch scratch)
    {
        var snapshot = model.Snapshot;
        var basket = scratch.Basket;
        var known = false;
        foreach (var behavior in query.Recent)
        {
            var product = snapshot.ProductIds.Find(behavior.ProductId);
            if (product < 0)
            {
                skipped.Add(behavior.ProductId, SkipReason.UnknownProduct);
                continue;
            }

            if (!known)
            {
                basket.Begin();
                known = true;
            }

            basket.Add(product, behavior.Type, behavior.AgeDays, behavior.Count);
        }

        if (known)
        {
            AddHistory(model, user, basket);
            basket.Finish(snapshot.ProductRepeat.AsSpan());
        }

        return known;
    }

    private static void AddHistory(ScoringModel model, int user, ProfileBuilder basket)
    {
        if (user < 0)
        {
            return;
        }

        var history = model.Snapshot.History.Row(user);
        for (var i = 0; i < history.Count; i++)
        {
            basket.Add(history.Products[i], (BehaviorType)history.Types[i], model.ScopeDays - history.Days[i]);
        }
    }

    private static ScoreSource SourceOf(bool userKnown, bool recentKnown, RecommendQuery query) => (userKnown, recentKnown) switch
    {
        (true, true) => ScoreSource.UserAndRecent,
        (true, false) => ScoreSource.User,
        (false, true) => ScoreSource.Recent,
        _ => query.OnUnknown switch
        {
            UnknownUserPolicy.Empty => ScoreSource.None,
            UnknownUserPolicy.PopularInPool => ScoreSource.Popularity,
            _ => throw new UnknownIdException(
                $"user '{query.UserId}' is not in the snapshot and none of its {query.Recent.Count} recent products is, expected a user with a purchase in the scope year or recent behaviour: set on_unknown to get popular products or an empty answer instead"),
        },
    };

    private static int Search(
        ScoringModel model, ReadOnlySpan<float> vector, ProfileRow profile, Span<ScoredProduct> best, QueryScratch scratch)
    {
        scratch.Sparse.Clear(model.Products.Rows);
        var history = profile.History;
        for (var i = 0; i < history.Count; i++)
        {
            scratch.Sparse.Add(history.Values[i], model.Snapshot.Similarity.Row(history.Indices[i]));
        }

        scratch.Sparse.Add(profile.Own);

        var search = new TopKQuery
        {
            Vector = vector,
            Sparse = scratch.Sparse.Terms(),
            Eligible = scratch.Eligible.Words,
        };
        return model.ProductSearch.Search(search, best, scratch.TopK);
    }

    private static void Check(RecommendQuery query)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
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
}
