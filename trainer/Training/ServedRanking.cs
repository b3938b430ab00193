using Engine.Model;
using Engine.Model.Writing;
using Engine.Scoring;
using Engine.Scoring.Hosting;
using Engine.Scoring.Queries;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>Ranks by the engine itself: the content is written to a temporary snapshot and asked as a client would ask.</summary>
public static class ServedRanking
{
    /// <summary>The top K of each user, as indices of the scope.</summary>
    public static Ranking Compute(SnapshotContent content, int[] order, int[] users, int k, int threads)
    {
        var folder = Directory.CreateTempSubdirectory("trainer-");
        try
        {
            var path = Path.Combine(folder.FullName, "evaluated.snapshot");
            SnapshotWriter.Write(path, content);
            using var snapshot = Snapshot.OpenVerified(path);
            using var model = new ScoringModel(snapshot);
            return Rank(model, content, order, users, k, threads);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Ranking Rank(ScoringModel model, SnapshotContent content, int[] order, int[] users, int k, int threads)
    {
        var ranking = new Ranking(users, k, new int[users.Length * k], new float[users.Length * k]);
        ranking.Items.AsSpan().Fill(-1);
        Workers.Run(
            users.Length,
            threads,
            () => (Query: new RecommendQuery { TopK = k }, Answer: new RecommendAnswer()),
            (scratch, n) =>
            {
                scratch.Query.UserId = content.UserIds[users[n]];
                Recommender.Recommend(model, scratch.Query, scratch.Answer);
                var products = scratch.Answer.Products;
                for (var place = 0; place < products.Length; place++)
                {
                    ranking.Items[(n * k) + place] = order[products[place].Ordinal];
                    ranking.Scores[(n * k) + place] = products[place].Score;
                }
            });
        return ranking;
    }
}
