using Engine.Scoring.Ids;
using Engine.Scoring.Queries;
using Engine.Snapshots;

namespace Engine.Scoring.Profiles;

/// <summary>
/// The vector and profile that a query is scored with: of a known user, of recent behavior, of both together, or of the
/// mean member of an audience. All are scored in the same way. Valid until its scratch is used again.
/// </summary>
internal readonly ref struct QueryProfile
{
    /// <summary>A profile that is scored.</summary>
    public QueryProfile(int user, ReadOnlySpan<float> vector, ProfileRow profile, ScoreSource source)
    {
        User = user;
        Vector = vector;
        Profile = profile;
        Source = source;
    }

    /// <summary>The known user's ordinal, or -1.</summary>
    public int User { get; }

    /// <summary>The user vector, padded by zeros; empty when nothing is known.</summary>
    public ReadOnlySpan<float> Vector { get; }

    /// <summary>The products of the history; empty when nothing is known.</summary>
    public ProfileRow Profile { get; }

    /// <summary>Where the scores come from.</summary>
    public ScoreSource Source { get; }

    /// <summary>Finds the user and folds the events since the training and the recent behavior in.</summary>
    /// <exception cref="UnknownIdException">
    /// No known user, no known recent product, and the policy is to fail.
    /// </exception>
    /// <exception cref="MissingBucketsException">The user is another shard's.</exception>
    public static QueryProfile Find(
        Snapshot snapshot,
        RecommendQuery query,
        SkippedIds skipped,
        UserHistory history,
        ProfileBuilder basket,
        FoldIn foldIn) =>
        Find(snapshot, snapshot.FindUser(query.UserId), query, skipped, history, basket, foldIn);

    /// <summary>The same, once the user is found.</summary>
    public static QueryProfile Find(
        Snapshot snapshot,
        int user,
        RecommendQuery query,
        SkippedIds skipped,
        UserHistory history,
        ProfileBuilder basket,
        FoldIn foldIn)
    {
        history.Read(user, query.UserId, query.Events);
        if (user < 0 && query.UserId.Length > 0 && !history.IsKnown)
        {
            skipped.Add(query.UserId, SkipReason.UnknownUser);
        }

        basket.Begin();
        var recent = AddRecent(snapshot, query.Recent, skipped, basket);
        var source = SourceOf(user >= 0 || history.IsKnown, recent, query);
        return source switch
        {
            ScoreSource.User when !history.IsTouched => OfUser(snapshot, user),
            ScoreSource.User or ScoreSource.Recent or ScoreSource.UserAndRecent =>
                Fold(snapshot, user, history, basket, foldIn, source),
            _ => new QueryProfile(user, default, default, source),
        };
    }

    /// <summary>A stored user.</summary>
    public static QueryProfile OfUser(Snapshot snapshot, int user) =>
        new(user, snapshot.UserFactors[user], ProfileRow.Of(snapshot, user), ScoreSource.User);

    /// <summary>A stored user with what <paramref name="history"/> has read.</summary>
    public static QueryProfile OfUser(
        Snapshot snapshot, int user, UserHistory history, ProfileBuilder basket, FoldIn foldIn)
    {
        if (!history.IsTouched)
        {
            return OfUser(snapshot, user);
        }

        basket.Begin();
        return Fold(snapshot, user, history, basket, foldIn, ScoreSource.User);
    }

    private static QueryProfile Fold(
        Snapshot snapshot, int user, UserHistory history, ProfileBuilder basket, FoldIn foldIn, ScoreSource source)
    {
        if (history.IsTouched)
        {
            history.AddTo(basket);
        }
        else
        {
            AddHistory(snapshot, user, basket);
        }

        basket.Finish(snapshot.ProductRepeat.AsSpan());
        return new QueryProfile(user, foldIn.Solve(basket.Row.Weights, basket.UserRate), basket.Row, source);
    }

    // Says whether there is recent behavior with known products.
    private static bool AddRecent(
        Snapshot snapshot, List<RecentBehavior> recent, SkippedIds skipped, ProfileBuilder basket)
    {
        var known = false;
        foreach (var behavior in recent)
        {
            var product = snapshot.ProductIds.Find(behavior.ProductId);
            if (product < 0)
            {
                skipped.Add(behavior.ProductId, SkipReason.UnknownProduct);
                continue;
            }

            known = true;
            basket.Add(product, behavior.Type, behavior.AgeDays);
        }

        return known;
    }

    private static void AddHistory(Snapshot snapshot, int user, ProfileBuilder basket)
    {
        if (user < 0)
        {
            return;
        }

        basket.Add(snapshot.History.Row(user), snapshot.ScopeDays);
    }

    private static ScoreSource SourceOf(bool userKnown, bool recentKnown, RecommendQuery query) =>
        (userKnown, recentKnown) switch
        {
            (true, true) => ScoreSource.UserAndRecent,
            (true, false) => ScoreSource.User,
            (false, true) => ScoreSource.Recent,
            _ => query.OnUnknown switch
            {
                UnknownUserPolicy.Empty => ScoreSource.None,
                UnknownUserPolicy.PopularInPool => ScoreSource.Popularity,
                _ => throw new UnknownIdException(
                    (query.UserId.Length == 0 ? "no user_id is given" : $"user '{query.UserId}' is not in the snapshot")
                    + $", and none of the {query.Recent.Count} recent products is known; "
                    + "set on_unknown to get popular products or an empty answer instead"),
            },
        };
}
