using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Checking;

/// <summary>
/// Asks a model the questions of known answers, by the code that answers callers. Scratch of one thread.
/// </summary>
internal sealed class KnownQuestions(ScoringModel model)
{
    // A part of the question: a file holds the answers alone.
    private const int TopK = 10;

    private readonly RecommendAnswer _recommended = new();
    private readonly RelatedAnswer _related = new();
    private readonly RankUsersAnswer _ranked = new();

    /// <summary>The top products of a user.</summary>
    /// <param name="user">Ordinal in the model.</param>
    public (int[] Found, float[] Scores) TopOf(int user) =>
        Top(new RecommendQuery { UserId = model.Snapshot.UserIds.Get(user), TopK = TopK });

    /// <summary>The top products of somebody who has just purchased these.</summary>
    public (int[] Found, float[] Scores) TopOfBasket(int[] products)
    {
        var query = new RecommendQuery { TopK = TopK };
        foreach (var product in products)
        {
            // A single purchase of today has an exact weight: no power of two is rounded.
            var id = model.Snapshot.ProductIds.Get(product);
            query.Recent.Add(new RecentBehavior(id, BehaviorType.Purchase, AgeDays: 0, Count: 1));
        }

        return Top(query);
    }

    /// <summary>The related products of a product, with their strengths.</summary>
    public (int[] Found, float[] Scores) RelatedTo(int product)
    {
        var query = new RelatedQuery
        {
            ProductId = model.Snapshot.ProductIds.Get(product),
            TopK = TopK,
            MinSupport = 1,
        };
        RelatedProducts.Find(model, query, _related);
        var rows = _related.Products;
        return ([.. rows.Select(row => row.Product.Value)], [.. rows.Select(row => row.Strength)]);
    }

    /// <summary>Users by their scores for a product.</summary>
    /// <param name="product">Ordinal.</param>
    /// <param name="users">Ordinals in the model, at least one; all of them are ranked.</param>
    public (int[] Found, float[] Scores) Rank(int product, IReadOnlyCollection<int> users)
    {
        var query = new RankUsersQuery
        {
            ProductId = model.Snapshot.ProductIds.Get(product),
            TopK = users.Count,
            HasAudience = true,
            AllowPartial = true,
        };
        query.AudienceUserIds.AddRange(users.Select(user => model.Snapshot.UserIds.Get(user)));
        UserRanker.Rank(model, query, _ranked);
        var rows = _ranked.Users.ToArray();
        return (Array.ConvertAll(rows, row => row.User.Value), Array.ConvertAll(rows, row => row.Score));
    }

    private (int[] Found, float[] Scores) Top(RecommendQuery query)
    {
        Recommender.Recommend(model, query, _recommended);
        var rows = _recommended.Products.ToArray();
        return (Array.ConvertAll(rows, row => row.Product.Value), Array.ConvertAll(rows, row => row.Score));
    }
}
