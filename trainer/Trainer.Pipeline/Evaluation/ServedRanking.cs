using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Evaluation;

/// <summary>Ranks by the engine itself, with the queries of a client.</summary>
public static class ServedRanking
{
    /// <summary>
    /// The top K of each user, as indices of the scope; a user with fewer eligible products has -1 in the last places.
    /// </summary>
    /// <param name="served">The snapshot; it holds the users.</param>
    /// <param name="order">For each product ordinal the index in the scope.</param>
    /// <param name="users">Users of the scope, ascending.</param>
    /// <param name="policy">Whether products purchased before compete.</param>
    /// <param name="k">Places.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <param name="pool">The products that compete; null for all.</param>
    public static Ranking Compute(
        TemporaryModel served,
        int[] order,
        int[] users,
        PurchasedPolicy policy,
        int k,
        RunContext run,
        ResolvedPool? pool = null)
    {
        var ranking = new Ranking(users, k, new int[users.Length * k], new float[users.Length * k]);
        ranking.Items.AsSpan().Fill(-1);
        Workers.Run(
            users.Length,
            run,
            () => (
                Query: new RecommendQuery { TopK = k, Purchased = policy, Filter = { SavedPool = pool } },
                Answer: new RecommendAnswer()),
            (scratch, n) =>
            {
                scratch.Query.UserId = served.IdOf(users[n]);
                Recommender.Recommend(served.Model, scratch.Query, scratch.Answer);
                var products = scratch.Answer.Products;
                for (var place = 0; place < products.Length; place++)
                {
                    ranking.Items[(n * k) + place] = order[products[place].Product.Value];
                    ranking.Scores[(n * k) + place] = products[place].Score;
                }
            });
        return ranking;
    }
}
