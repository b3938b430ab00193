using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Reranking;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;
using Trainer.Models.Trees;
using Trainer.Pipeline.Publishing;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// Learns a re-ranker where the score was learned: on windows before the evaluated one, from the candidates that the
/// engine finds on a snapshot of the days before each window, by the features that the engine writes.
/// </summary>
internal static class RerankLearner
{
    /// <summary>How many of a user's best are re-ranked.</summary>
    public const int Candidates = 300;

    private const int MostUsers = 1000;
    private const int EvaluatedPlaces = 10;

    /// <summary>The terms of what is learned here.</summary>
    public static RerankerTerms Terms => new(Candidates, [.. RerankFeatures.Names]);

    /// <summary>The ONNX model; the same bytes at any number of threads.</summary>
    /// <param name="score">The score that is corrected.</param>
    /// <param name="splits">The windows that it was learned on.</param>
    /// <param name="options">Settings.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static byte[] Learn(
        LearnedScore score, IEnumerable<SplitSample> splits, TrainOptions options, RunContext run)
    {
        var rows = new List<float>();
        var scores = new List<float>();
        var labels = new List<bool>();
        foreach (var split in splits)
        {
            var users = PairSampler.Evenly(split.Holdout.Users, MostUsers);
            var (content, order) =
                SnapshotAssembler.Assemble(split.Model, score, options, ReportBuilder.Empty, run, users);
            using var before = new TemporaryModel(content, users);
            var features = new RerankFeatures(before.Model.Snapshot);
            Batch(
                before,
                users,
                Candidates,
                PurchasedPolicy.Include,
                pool: null,
                rerank: false,
                run,
                found =>
                {
                    var row = new float[Candidates * RerankFeatures.Names.Count];
                    for (var i = 0; i < found.Users.Length; i++)
                    {
                        var candidates = found.Of(i);
                        var truth = split.Holdout.Truth.RowColumns(users[found.Users[i].Value]);
                        features.Begin(found.Users[i]);
                        features.Write(candidates, row);
                        rows.AddRange(row.AsSpan(0, candidates.Length * RerankFeatures.Names.Count));
                        foreach (var candidate in candidates)
                        {
                            scores.Add(candidate.Score);
                            labels.Add(truth.BinarySearch(order[candidate.Product.Value]) >= 0);
                        }
                    }
                });
        }

        var trees = BoostedTrees.Fit(
            [.. rows], RerankFeatures.Names.Count, [.. scores], [.. labels], new TreeOptions(), run);
        return OnnxTrees.Write(trees, RerankFeatures.Names.Count);
    }

    /// <summary>The lists of a model with a re-ranker, as <see cref="ServedRanking"/> gives those without.</summary>
    public static Ranking Rank(
        TemporaryModel model,
        int[] order,
        int[] users,
        PurchasedPolicy policy,
        int k,
        RunContext run,
        ResolvedPool? pool = null)
    {
        var ranking = new Ranking(users, k, new int[users.Length * k], new float[users.Length * k]);
        ranking.Items.AsSpan().Fill(-1);
        Batch(model, users, k, policy, pool, rerank: true, run, found =>
        {
            for (var i = 0; i < found.Users.Length; i++)
            {
                var products = found.Of(i);
                var place = Array.BinarySearch(users, model.Users[found.Users[i].Value]) * k;
                for (var n = 0; n < products.Length; n++)
                {
                    (ranking.Items[place + n], ranking.Scores[place + n]) =
                        (order[products[n].Product.Value], products[n].Score);
                }
            }
        });
        return ranking;
    }

    /// <summary>
    /// Whether re-ranked lists beat the served ones: the 95 % interval of the mean difference of nDCG@10 over users is
    /// above 0.
    /// </summary>
    public static RerankVerdict Evaluate(Ranking served, Ranking reranked, InteractionMatrix truth)
    {
        var before = ListMetrics.Of(served, truth, EvaluatedPlaces);
        var after = ListMetrics.Of(reranked, truth, EvaluatedPlaces);
        var gains = before.Zip(after, (a, b) => b.Ndcg - a.Ndcg).ToArray();
        return new RerankVerdict(
            before.Average(user => user.Ndcg), after.Average(user => user.Ndcg), Bootstrap.Interval(gains)[0] > 0);
    }

    /// <summary>The content of a snapshot with the re-ranker in it.</summary>
    public static SnapshotContent With(SnapshotContent content, byte[] reranker) =>
        content with { Reranker = reranker, Manifest = content.Manifest with { Reranker = Terms } };

    private static void Batch(
        TemporaryModel model, int[] users, int k, PurchasedPolicy policy, ResolvedPool? pool, bool rerank,
        RunContext run, BatchRowsSink rows)
    {
        var ids = users.Select(model.IdOf);
        var query = new RecommendQuery { TopK = k, Purchased = policy, Filter = { SavedPool = pool } };
        var members = AudienceMembers.Of(model.Model.Snapshot, ids);
        var batch = new BatchRecommender(new BatchPlan(model.Model, members, query, rerank: rerank));
        var worker = batch.NewWorker();
        for (var part = 0; part < batch.Parts; part++)
        {
            worker.Run(part, rows, run.Cancel);
        }
    }
}

/// <summary>The evaluation of a re-ranker on a held-out window.</summary>
/// <param name="Served">nDCG@10 without it.</param>
/// <param name="Reranked">nDCG@10 with it.</param>
/// <param name="Wins">Whether it is better beyond chance.</param>
internal sealed record RerankVerdict(double Served, double Reranked, bool Wins);
