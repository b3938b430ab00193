using Engine.Scoring.Orders;
using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Calibration;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;

namespace Trainer.Pipeline.Orders;

/// <summary>
/// Learns the terms of the next order for the days after a scope: hazards on the scope, weights and calibration on
/// windows of 30 days that end by its last day, each predicted from the hazards of the days before it.
/// </summary>
/// <param name="dataset">The data.</param>
/// <param name="run">Threads, cancellation; no result depends on it.</param>
internal sealed class NextOrderLearner(Dataset dataset, RunContext run)
{
    private const double Ridge = 1e-6;
    private const int CountKnots = 20;

    /// <summary>The terms, and the timing of the scope's products; null when there are too few orders.</summary>
    public NextOrderFit? Learn(ScopedDataset scoped) =>
        LearnPlain(scoped) is { } fit
            ? fit with { Terms = new OrderSeasons(dataset, this, run).With(fit.Terms, scoped.Scope.End) }
            : null;

    /// <summary>The same without seasons.</summary>
    public NextOrderFit? LearnPlain(ScopedDataset scoped)
    {
        var (users, pairs) = (new PairSample(UserFeatures), new PairSample(2));
        var orders = new List<int>();
        var parts = new List<(OrderProcesses Processes, InteractionMatrix Truth)>();
        foreach (var (before, holdout) in TemporalSplits.Learning(dataset, scoped.Scope.End, run))
        {
            var processes = OrderProcesses.Of(before);
            parts.Add((processes, holdout.Truth));
            AddUsers(processes, before, OrderWindow.After(before), users, orders);
            run.Cancel.ThrowIfCancellationRequested();
        }

        if (parts.Count == 0 || Fit(users) is not { } userTerms)
        {
            return null;
        }

        foreach (var (processes, truth) in parts)
        {
            AddPairs(Terms(processes, userTerms, processes.Products), processes, truth, pairs);
        }

        if (Fit(pairs) is not { } pairTerms)
        {
            return null;
        }

        var fitted = OrderProcesses.Of(scoped);
        var terms = Terms(fitted, userTerms, With(fitted.Products, pairTerms));
        var (scores, expected) = Expected(users, orders, terms.Orders);
        return new NextOrderFit(
            terms with { ExpectedScores = scores, ExpectedOrders = expected }, fitted.Intervals, fitted.Factors);
    }

    /// <summary>Users whose orders are learned from.</summary>
    public static IEnumerable<int> Users(int count) => PairSampler.Evenly([.. Enumerable.Range(0, count)], 200_000);

    /// <summary>Users whose products are learned from.</summary>
    public static IEnumerable<int> PairUsers(int count) =>
        PairSampler.Evenly([.. Enumerable.Range(0, count)], 50_000);

    private static int UserFeatures => 3 + FeatureLayout.HalfLives.Length;

    private static NextOrderTerms Terms(OrderProcesses processes, Scored users, RenewalTerms products) =>
        Terms(processes, products) with { Orders = With(processes.Orders, users) };

    private static NextOrderTerms Terms(OrderProcesses processes, RenewalTerms products) => new()
    {
        Phases = HazardCounts.Phases,
        Counts = HazardCounts.Counts,
        HalfLives = FeatureLayout.HalfLives,
        Orders = processes.Orders,
        Products = products,
        ExpectedScores = [],
        ExpectedOrders = [],
    };

    private static RenewalTerms With(RenewalTerms process, Scored scored) => process with
    {
        Weights = scored.Weights,
        Constant = scored.Constant,
        Probability = scored.Probability,
    };

    private static void AddUsers(
        OrderProcesses processes, ScopedDataset scoped, OrderWindow window, PairSample sample, List<int> orders)
    {
        var model = new OrderModel(Terms(processes, processes.Products));
        var (days, row, values) = (new PurchaseDays(), new double[UserFeatures], new float[UserFeatures]);
        foreach (var user in Users(scoped.UserCount))
        {
            days.Read(processes.History(user), scoped.LastDay);
            model.Features(days, row);
            for (var i = 0; i < row.Length; i++)
            {
                values[i] = (float)row[i];
            }

            sample.Add(values, window.Orders[user] > 0, 1);
            orders.Add(window.Orders[user]);
        }
    }

    private static void AddPairs(
        NextOrderTerms terms, OrderProcesses processes, InteractionMatrix truth, PairSample sample)
    {
        var (model, days) = (new OrderModel(terms), new PurchaseDays());
        foreach (var user in PairUsers(truth.RowCount))
        {
            days.Read(processes.History(user), processes.LastDay);
            var score = (float)model.Score(days);
            foreach (var purchases in days.Products)
            {
                var hazard = model.Hazard(
                    purchases,
                    processes.Intervals[purchases.Product],
                    processes.Factors[purchases.Product],
                    NextOrderTerms.WindowDays);
                sample.Add(
                    [(float)Math.Log(hazard), score], truth.RowColumns(user).BinarySearch(purchases.Product) >= 0, 1);
            }
        }
    }

    // Null when there is too little to calibrate, or what is ahead does not matter.
    private Scored? Fit(PairSample sample)
    {
        int[] used = [.. Enumerable.Range(0, sample.Features)];
        var (weights, constant) = BinaryRegression.Fit(sample, Link.ComplementaryLogLog, Ridge, used, run);
        if (sample.Features == 2 && weights[1] < 0)
        {
            // A user who orders more must not make a product less likely.
            (weights, constant) = BinaryRegression.Fit(sample, Link.ComplementaryLogLog, Ridge, [0], run);
        }

        if (!(weights[0] > 0))
        {
            return null;
        }

        var scored = new Scored(weights, constant, CalibrationTerms.None);
        var calibration = Calibrator.Fit(
            Enumerable.Range(0, sample.Count)
                .Select(n => new ScoredLabel(scored.Of(sample.Row(n)), 1, sample.Label(n))),
            run);
        return calibration.Scores.Length > 0 ? scored with { Probability = calibration } : null;
    }

    // Mean orders of equal parts of the users by score, made to ascend.
    private static (float[] Scores, double[] Orders) Expected(PairSample users, List<int> orders, RenewalTerms terms)
    {
        var scored = new Scored(terms.Weights, terms.Constant, terms.Probability);
        var sorted = Enumerable.Range(0, users.Count).Select(n => (Score: scored.Of(users.Row(n)), Orders: orders[n]))
            .OrderBy(pair => pair.Score).ThenBy(pair => pair.Orders).ToArray();
        var (scores, expected) = (new List<float>(), new List<double>());
        foreach (var part in sorted.Chunk(Math.Max(1, (sorted.Length + CountKnots - 1) / CountKnots)))
        {
            var score = (float)part.Average(pair => (double)pair.Score);
            if (scores.Count == 0 || score > scores[^1])
            {
                scores.Add(score);
                expected.Add(Math.Max(part.Average(pair => pair.Orders), expected.LastOrDefault()));
            }
        }

        return ([.. scores], [.. expected]);
    }

    private sealed record Scored(double[] Weights, double Constant, CalibrationTerms Probability)
    {
        public float Of(ReadOnlySpan<float> features)
        {
            var score = Constant;
            for (var i = 0; i < features.Length; i++)
            {
                score += Weights[i] * features[i];
            }

            return (float)score;
        }
    }
}

/// <summary>What a scope says about the next orders.</summary>
/// <param name="Terms">The terms, not yet evaluated.</param>
/// <param name="Intervals">The usual days between two purchases, by product of the scope.</param>
/// <param name="Factors">How much more often than others purchasers come back, by product of the scope.</param>
internal sealed record NextOrderFit(NextOrderTerms Terms, float[] Intervals, float[] Factors);
