using Engine.Kernels.Arithmetic;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Ranking;

/// <summary>The score of one user and one product: the very number that Recommend and RankUsers rank by.</summary>
public static class PairScorer
{
    /// <summary>Dense part, plus the sparse part when there is one.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="user">User ordinal.</param>
    /// <param name="product">Product ordinal.</param>
    public static float Score(ScoringModel model, UserOrdinal user, ProductOrdinal product) =>
        Score(model, QueryProfile.OfUser(model.Snapshot, user.Value), product.Value);

    /// <summary>The scores of one user, with what happened since the training.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="query">Whom it is about: <c>UserId</c>, <c>Events</c> and <c>Recent</c> count.</param>
    /// <param name="products">Product ordinals.</param>
    /// <param name="scores">Receives as many scores.</param>
    /// <returns>False when nothing is known of the user.</returns>
    public static bool TryScore(
        ScoringModel model, RecommendQuery query, ReadOnlySpan<ProductOrdinal> products, Span<float> scores)
    {
        query.OnUnknown = UnknownUserPolicy.Empty;
        var scratch = model.Rent();
        try
        {
            var profile = QueryProfile.Find(
                model.Snapshot, query, new SkippedIds(), scratch.History, scratch.Basket, scratch.FoldIn);
            for (var i = 0; i < products.Length && profile.Source != ScoreSource.None; i++)
            {
                scores[i] = Score(model, profile, products[i].Value);
            }

            return profile.Source != ScoreSource.None;
        }
        finally
        {
            model.Return(scratch);
        }
    }

    /// <summary>The same for any profile that has a vector.</summary>
    internal static float Score(ScoringModel model, QueryProfile query, int product)
    {
        var dense = DotProduct.Score(query.Vector, model.Products[product]);
        var profile = query.Profile;
        var sparse = 0f;
        var found = false;
        for (var i = 0; i < profile.History.Count; i++)
        {
            var similar = model.Snapshot.Similarity.Row(profile.History.Indices[i]);
            var at = similar.Indices.BinarySearch(product);
            if (at >= 0)
            {
                var term = profile.History.Values[i] * similar.Values[at];
                sparse = found ? sparse + term : term;
                found = true;
            }
        }

        var own = profile.Own.Indices.BinarySearch(product);
        if (own >= 0)
        {
            sparse = found ? sparse + profile.Own.Values[own] : profile.Own.Values[own];
            found = true;
        }

        return found ? dense + sparse : dense;
    }
}
