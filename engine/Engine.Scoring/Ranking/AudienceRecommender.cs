using Engine.Scoring.Eligibility;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;

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
    /// <exception cref="InputException">A field is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static int Recommend(
        ScoringModel model, AudienceQuery query, RecommendAnswer answer, CancellationToken cancellation = default)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        answer.Clear();
        var scratch = model.Rent();
        try
        {
            EligibleUsers.Resolve(model.Snapshot, query.Users, answer.Skipped, scratch.Users, cancellation);
            EligibleProducts.Resolve(
                model.Snapshot, query.Filter, answer, scratch.Eligible, scratch.Listed, cancellation);
            scratch.UserProducts.Resolve(model.Snapshot, scratch.Eligible, answer.EligibleCount);
            var members = scratch.Users.Count;
            var count = Math.Min(query.TopK, answer.EligibleCount);
            if (members > 0 && count > 0 && !query.ValidateOnly)
            {
                var mean = scratch.Mean.Of(model.Snapshot, scratch.Users, members, cancellation);
                answer.Source = mean.Source;
                answer.Fill(
                    Recommender.Search(
                        model, mean, query.Filter.SavedPool, answer.Reserve(count), scratch, cancellation));
                Explainer.AddAll(model, mean, query.Explain, answer, cancellation);
            }

            return members;
        }
        finally
        {
            model.Return(scratch);
        }
    }
}
