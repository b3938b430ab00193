using Engine.Model.Kernels;
using Engine.Model.Manifest;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>Measures the served score, its parts and the baselines on a window that none of them has seen. Full ranking.</summary>
public static class HoldoutEvaluation
{
    /// <summary>The name of the served score's row in the report.</summary>
    public const string Served = "served";

    /// <summary>The baselines' names in the report.</summary>
    public static readonly string[] Baselines = ["popularity", "personal_frequency", "personal_then_global_frequency"];

    private const int MostPlaces = 20;

    /// <summary>One row a model, the served one first. Products already purchased stay in every list.</summary>
    public static ModelMetrics[] Evaluate(FittedModel model, LearnedScore score, Holdout holdout, TrainOptions options)
    {
        var (content, order) = SnapshotAssembler.Assemble(model, score, options, EmptyReport);
        var purchases = Interactions.PurchaseCounts(model.Scoped);
        var history = Interactions.Of(model.Profiles.Weights with { Values = model.Profiles.History }, model.Scoped.ProductCount);
        var items = new PackedRows(model.Als.Items.Values, model.Als.Items.Stride);
        return
        [
            Metrics(Served, ServedRanking.Compute(content, order, holdout.Users, MostPlaces, options.Threads), holdout),
            Metrics("als", Rank(() => new FactorScorer(model.Als.Users, items), holdout, options), holdout),
            Metrics("similarity", Rank(() => new SimilarityScorer(history, model.Similarity), holdout, options), holdout),
            Metrics(Baselines[0], Rank(() => new PopularityScorer(purchases), holdout, options), holdout),
            Metrics(Baselines[1], Rank(() => new FrequencyScorer(purchases, model.Buyers, fill: false), holdout, options), holdout),
            Metrics(Baselines[2], Rank(() => new FrequencyScorer(purchases, model.Buyers, fill: true), holdout, options), holdout),
        ];
    }

    private static TrainingReport EmptyReport => new()
    {
        Counts = [],
        Rejected = [],
        Warnings = [],
        Losses = [],
        Metrics = [],
        Holdout = null,
    };

    private static Ranking Rank(Func<IItemScorer> scorer, Holdout holdout, TrainOptions options)
    {
        var truth = holdout.Truth;
        var nothing = new InteractionMatrix(truth.RowCount, truth.ColumnCount, new long[truth.RowCount + 1], [], []);
        return Ranking.Compute(scorer, nothing, holdout.Users, MostPlaces, options.Threads);
    }

    private static ModelMetrics Metrics(string name, Ranking ranking, Holdout holdout)
    {
        var ten = RankingMetrics.Compute(ranking, holdout.Truth, 10);
        var twenty = RankingMetrics.Compute(ranking, holdout.Truth, 20);
        return new ModelMetrics(name, ten.RecallOfPossible, twenty.RecallOfPossible, ten.Ndcg, twenty.Ndcg);
    }
}
