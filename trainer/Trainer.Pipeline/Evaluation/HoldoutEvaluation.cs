using Engine.Kernels.Solve;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Publishing;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// Measures the served score, its parts and the baselines on a window that none of them was trained on. Full ranking.
/// </summary>
public static class HoldoutEvaluation
{
    /// <summary>The name of the served score's row in the report.</summary>
    public const string Served = "served";

    /// <summary>The name of the re-ranked lists' row in the report.</summary>
    public const string Reranked = "re_ranked";

    // Users times products of a list's ranking: 24 of them are made. All users of a brand with 5,000 products and
    // 40,000 users.
    private const double MostPairs = 2e8;

    // Enough for an interval of about one percentage point, however many products there are.
    private const int FewestUsers = 2000;

    /// <summary>The baselines' names in the report.</summary>
    public static readonly string[] Baselines =
        ["popularity", "personal_frequency", "personal_then_global_frequency", "decayed_frequency"];

    /// <summary>Evaluates on the window and fits a calibration to it. Products purchased before compete too.</summary>
    /// <param name="model">Fitted on the days before the window.</param>
    /// <param name="score">Learned on windows before it.</param>
    /// <param name="holdout">The window.</param>
    /// <param name="options">Settings.</param>
    /// <param name="growth">How purchases grow with a window's length.</param>
    /// <param name="halfLife">Of <see cref="DecayedRule"/>, chosen on windows before the evaluated one.</param>
    /// <param name="run">Threads, cancellation; no result depends on it.</param>
    /// <param name="reranker">An ONNX model to evaluate beside the score, or null.</param>
    public static HoldoutResult Evaluate(
        ScopeModel model,
        LearnedScore score,
        Holdout holdout,
        TrainOptions options,
        double growth,
        double halfLife,
        RunContext run,
        byte[]? reranker = null)
    {
        var ranked = holdout with
        {
            Users =
                PairSampler.Evenly(
                    holdout.Users, Math.Max(FewestUsers, (int)(MostPairs / model.Scoped.ProductCount))),
        };
        int[] asked = [.. ranked.Users.Union(WindowScores.UsersOf(holdout)).Order()];
        var (content, order) = SnapshotAssembler.Assemble(model, score, options, ReportBuilder.Empty, run, asked);
        using var served =
            new TemporaryModel(reranker is null ? content : RerankLearner.With(content, reranker), asked);
        var purchases = Interactions.PurchaseCounts(model.Scoped);
        var segments = Segments.Of(ranked, purchases);
        var (rows, coverage) = RankingEvaluator.Evaluate(
            Models(served, order, model, purchases, ranked, segments.TailProducts, halfLife, run), segments, run);
        ReleasedMemory.Collect(model.Scoped.EventCount);
        var window = new WindowScores(served, order, holdout, run);
        var (calibration, probability) = ProbabilityEvaluator.Evaluate(window, growth, run);
        return new HoldoutResult
        {
            Facts = new HoldoutFacts(
                holdout.FirstDay.ToString("yyyy-MM-dd"),
                holdout.LastDay.ToString("yyyy-MM-dd"),
                holdout.Users.Length,
                holdout.Truth.Count),
            Rankings = rows,
            Coverage = coverage,
            ProductDirection = ProductEvaluator.Evaluate(window, order, purchases, run),
            Probability = probability,
            Calibration = calibration,
            Reranker = reranker is null ? null : Verdict(served, order, ranked, run),
        };
    }

    /// <summary>Fits a calibration of another score to the window.</summary>
    /// <inheritdoc cref="Evaluate"/>
    public static CalibrationTerms Calibrate(
        ScopeModel model, LearnedScore score, Holdout holdout, TrainOptions options, double growth, RunContext run)
    {
        var asked = WindowScores.UsersOf(holdout).Order().ToArray();
        var (content, order) = SnapshotAssembler.Assemble(model, score, options, ReportBuilder.Empty, run, asked);
        using var served = new TemporaryModel(content, asked);
        return ProbabilityEvaluator.Evaluate(new WindowScores(served, order, holdout, run), growth, run).Terms;
    }

    private static RerankVerdict Verdict(TemporaryModel served, int[] order, Holdout holdout, RunContext run)
    {
        var k = RankingEvaluator.Lengths.Min();
        return RerankLearner.Evaluate(
            ServedRanking.Compute(served, order, holdout.Users, PurchasedPolicy.Include, k, run),
            RerankLearner.Rank(served, order, holdout.Users, PurchasedPolicy.Include, k, run),
            holdout.Truth);
    }

    private static IEnumerable<RankedModel> Models(
        TemporaryModel served,
        int[] order,
        ScopeModel model,
        InteractionMatrix purchases,
        Holdout holdout,
        bool[] tail,
        double halfLife,
        RunContext run)
    {
        var k = RankingEvaluator.Lengths.Max();
        var history = Interactions.Histories(model.Profiles, model.Scoped.ProductCount).OnlyRows(holdout.Users);
        ReleasedMemory.Collect(model.Scoped.EventCount);
        var items = new PackedRows(model.Als.Items.Values, model.Als.Items.Stride);
        var pool =
            served.Model.Resolve(
                PoolDefinition.OfIds(
                    [.. order.Where(product => tail[product]).Select(product => model.Scoped.ProductIds[product])]));
        yield return new RankedModel(
            Served,
            policy => ServedRanking.Compute(served, order, holdout.Users, policy, k, run),
            () => ServedRanking.Compute(served, order, holdout.Users, PurchasedPolicy.Include, k, run, pool));
        if (served.Model.Reranker is not null)
        {
            yield return new RankedModel(
                Reranked,
                policy => RerankLearner.Rank(served, order, holdout.Users, policy, k, run),
                () => RerankLearner.Rank(served, order, holdout.Users, PurchasedPolicy.Include, k, run, pool));
        }

        yield return Plain("als", () => new FactorScorer(model.Als.Users, items));
        yield return Plain("similarity", () => new SimilarityScorer(history, model.Similarity));
        yield return Plain(Baselines[0], () => new PopularityScorer(purchases));
        yield return Plain(Baselines[1], () => new FrequencyScorer(purchases, model.Buyers, fill: false));
        yield return Plain(Baselines[2], () => new FrequencyScorer(purchases, model.Buyers, fill: true));
        yield return Plain(Baselines[3], new DecayedRule(model.Scoped, holdout.Users).Scorer(halfLife));

        RankedModel Plain(string name, Func<IItemScorer> scorer)
        {
            var nothing = new InteractionMatrix(
                purchases.RowCount, purchases.ColumnCount, new long[purchases.RowCount + 1], [], []);
            return new RankedModel(
                name,
                policy => Ranking.Compute(
                    policy == PurchasedPolicy.Only ? () => new OnlyHistory(scorer(), purchases) : scorer,
                    policy == PurchasedPolicy.Exclude ? purchases : nothing,
                    holdout.Users,
                    k,
                    run),
                () => Ranking.Compute(() => new OnlyProducts(scorer(), tail), nothing, holdout.Users, k, run));
        }
    }
}
