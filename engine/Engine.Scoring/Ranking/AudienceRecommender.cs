using Engine.Scoring.Eligibility;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Snapshots;

namespace Engine.Scoring.Ranking;

/// <summary>
/// The top-K products for a whole audience, by the mean of its members' scores as <see cref="AudienceMean"/> defines
/// it: equal to scoring every eligible product by that definition and sorting.
/// </summary>
public static class AudienceRecommender
{
    /// <summary>
    /// Answers <paramref name="query"/> from <paramref name="model"/> into <paramref name="answer"/>.
    /// </summary>
    /// <returns>
    /// Members of the audience that the snapshot knows: the mean is over them. With none the answer is empty.
    /// </returns>
    /// <exception cref="InputException">A field is out of its range, or sums overflow.</exception>
    /// <exception cref="MissingBucketsException">The model is a shard, and the query does not allow a part.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static int Recommend(
        ScoringModel model, AudienceQuery query, RecommendAnswer answer, CancellationToken cancellation = default)
    {
        model.Snapshot.CheckBuckets(query.Users.AllowPartial);
        answer.Clear();
        var scratch = model.Rent();
        try
        {
            scratch.Mean.Begin(model.Snapshot);
            EligibleUsers.Resolve(model.Snapshot, query.Users, answer.Skipped, scratch.Users, cancellation);
            return Answer(model, query, scratch.Mean, scratch.Users, answer, scratch, cancellation);
        }
        finally
        {
            model.Return(scratch);
        }
    }

    /// <summary>
    /// The same for members whose sum is known: the audience of the query is not looked at, and skipped ids of users
    /// that <paramref name="answer"/> holds stay in it.
    /// </summary>
    public static void Recommend(
        ScoringModel model,
        AudienceQuery query,
        AudienceMean members,
        RecommendAnswer answer,
        CancellationToken cancellation = default)
    {
        var scratch = model.Rent();
        try
        {
            _ = Answer(model, query, members, null, answer, scratch, cancellation);
        }
        finally
        {
            model.Return(scratch);
        }
    }

    /// <summary>What the users of one shard add to the mean of an audience.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="query">The audience; with <c>ValidateOnly</c> its members are counted, not added.</param>
    /// <param name="skipped">Receives ids that took no part.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">The sums overflow.</exception>
    public static AudienceMean Sum(
        ScoringModel model, AudienceQuery query, SkippedIds skipped, CancellationToken cancellation = default)
    {
        var (mean, scratch) = (new AudienceMean(), model.Rent());
        try
        {
            mean.Begin(model.Snapshot);
            EligibleUsers.Resolve(model.Snapshot, query.Users, skipped, scratch.Users, cancellation);
            Add(model, query, mean, scratch.Users, cancellation);
            return mean;
        }
        finally
        {
            model.Return(scratch);
        }
    }

    private static void Add(
        ScoringModel model, AudienceQuery query, AudienceMean mean, Sets.Bitset users, CancellationToken cancellation)
    {
        try
        {
            if (query.ValidateOnly)
            {
                mean.AddMembers(users.Count);
            }
            else
            {
                mean.Add(model.Snapshot, users, cancellation);
            }
        }
        catch (OverflowException e)
        {
            throw new InputException(
                "the factors or history terms of the audience add up to more than 2^39; expected scores of usual size. "
                + "Train again, or ask about fewer users",
                e);
        }
    }

    // Users that are still to be added, or null.
    private static int Answer(
        ScoringModel model,
        AudienceQuery query,
        AudienceMean members,
        Sets.Bitset? users,
        RecommendAnswer answer,
        QueryScratch scratch,
        CancellationToken cancellation)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        EligibleProducts.Resolve(
            model.Snapshot, query.Filter, answer, scratch.Eligible, scratch.Listed, cancellation);
        scratch.UserProducts.Resolve(model.Snapshot, scratch.Eligible, answer.EligibleCount);
        var count = Math.Min(query.TopK, answer.EligibleCount);
        var memberCount = users?.Count ?? members.Members;
        if (memberCount > 0 && count > 0 && !query.ValidateOnly)
        {
            if (users is not null)
            {
                Add(model, query, members, users, cancellation);
            }

            var mean = members.Profile();
            answer.Source = mean.Source;
            answer.Fill(
                Recommender.Search(
                    model, mean, query.Filter.SavedPool, answer.Reserve(count), scratch, cancellation));
            Explainer.AddAll(model, mean, query.Explain, answer, cancellation);
        }

        return memberCount;
    }
}
