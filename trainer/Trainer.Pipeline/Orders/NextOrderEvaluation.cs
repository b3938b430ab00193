using System.Globalization;
using Engine.Scoring.Orders;
using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Calibration;
using Trainer.Evaluation.Splits;

namespace Trainer.Pipeline.Orders;

/// <summary>
/// Judges the next order on the last days of the data: terms from the days before them, beside simple rules that are
/// calibrated on the same learning windows.
/// </summary>
internal sealed class NextOrderEvaluation
{
    /// <summary>The name of the served prediction.</summary>
    public const string Served = "served";

    private const string WithoutSeason = "without_season";
    private const int Bins = 10;

    private static readonly string[] OrderRules = ["recency", "frequency", "own_interval"];
    private static readonly string[] ProductRules = [.. OrderRules, "due_date"];

    private readonly RunContext _run;
    private readonly OrderModel _model;
    private readonly OrderModel _plain;
    private readonly NextOrderFit _fit;
    private readonly int _days;
    private readonly double _growth;
    private readonly string[] _productIds;

    private NextOrderEvaluation(NextOrderFit fit, string[] productIds, int days, double growth, RunContext run) =>
        (_fit, _model, _plain, _productIds, _days, _growth, _run) =
        (fit, new OrderModel(fit.Terms), new OrderModel(Plain(fit.Terms)), productIds, days, growth, run);

    private static NextOrderTerms Plain(NextOrderTerms terms) => terms with
    {
        Orders = terms.Orders with { Seasons = null },
        Products = terms.Products with { Seasons = null },
        ExpectedSeasons = null,
    };

    /// <summary>Terms learned before the last days, judged on them; null when either holds too little.</summary>
    public static NextOrderReport? Evaluate(Dataset dataset, int days, double growth, RunContext run)
    {
        if (TemporalSplits.TryAt(dataset, dataset.LastBehaviorDay.AddDays(-days), days, run) is not { } split
            || new NextOrderLearner(dataset, run).Learn(split.Scoped) is not { } fit)
        {
            return null;
        }

        var learning = TemporalSplits.Learning(dataset, split.Scoped.Scope.End, run).First();
        return new NextOrderEvaluation(fit, split.Scoped.ProductIds, days, growth, run).Evaluate(split, learning);
    }

    private NextOrderReport Evaluate(
        (ScopedDataset Scoped, Holdout Holdout) split, (ScopedDataset Scoped, Holdout Holdout) learning)
    {
        var (users, pairs) = Collect(split, _days);
        var (earlierUsers, earlierPairs) = Collect(learning, NextOrderTerms.WindowDays);
        NextOrderRow[] rows =
        [
            .. Rows("order", OrderRules, users, earlierUsers),
            .. Rows("product", ProductRules, pairs, earlierPairs),
        ];
        var buyers = users.Where(user => user.Label).ToArray();
        var earlierDays = earlierUsers.Where(user => user.Label).Select(user => user.FirstDay).Order().ToArray();
        var middle = earlierDays.Length == 0 ? 1 : earlierDays[earlierDays.Length / 2];
        var constant = middle * _days / NextOrderTerms.WindowDays;
        return new NextOrderReport(
            split.Scoped.Scope.WindowStart.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            split.Scoped.Scope.WindowEnd.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            users.Count,
            buyers.Length,
            users.Sum(user => user.Probability),
            users.Sum(user => (long)user.Orders),
            users.Sum(user => user.Expected),
            rows,
            [
                Dates(Served, user => user.LikelyDay),
                Dates("own_interval", user => user.RuleDay),
                Dates("middle_day", _ => constant),
            ],
            [.. users.OrderBy(user => user.Probability).ThenBy(user => user.Label)
                .Chunk(Math.Max(1, (users.Count + Bins - 1) / Bins))
                .Select(bin => new ReliabilityBin(
                    bin.Average(user => user.Probability), bin.Average(user => user.Label ? 1 : 0)))],
            _fit.Terms.Orders.Seasons is null ? null : users.Sum(user => user.Plain),
            _fit.Terms.Orders.Seasons is null ? null : users.Sum(user => user.PlainExpected));

        DateErrorRow Dates(string name, Func<Case, int> day) => new(
            name, buyers.Length == 0 ? 0 : buyers.Average(user => (double)Math.Abs(day(user) - user.FirstDay)));
    }

    // The model's probability and the rules' scores, of users and of pairs.
    private (List<Case> Users, List<Case> Pairs) Collect(
        (ScopedDataset Scoped, Holdout Holdout) split, int length)
    {
        var (users, pairs) = (new List<Case>(), new List<Case>());
        var processes = OrderProcesses.Of(split.Scoped);
        var window = OrderWindow.After(split.Scoped);
        var days = new PurchaseDays();
        var sampled = NextOrderLearner.PairUsers(split.Scoped.UserCount).ToHashSet();
        foreach (var user in NextOrderLearner.Users(split.Scoped.UserCount).Union(sampled))
        {
            _run.Cancel.ThrowIfCancellationRequested();
            days.Read(processes.History(user), processes.LastDay);
            var (score, growth) = (_model.Score(days), _model.Growth(days, length));
            var interval = _model.Interval(days);
            users.Add(new Case(
                window.Orders[user] > 0,
                _model.OrderProbability(score, growth),
                [-days.Age, days.Count, (float)-Math.Max(interval, days.Age)])
            {
                Orders = window.Orders[user],
                Expected = _model.ExpectedOrders(days, score, length),
                Plain = _plain.OrderProbability(score, _plain.Growth(days, length)),
                PlainExpected = _plain.ExpectedOrders(days, score, length),
                FirstDay = window.First[user],
                LikelyDay = _model.LikelyDay(days, length),
                RuleDay = (int)Math.Clamp(Math.Round(interval - days.Age), 1, length),
            });
            if (sampled.Contains(user))
            {
                AddPairs(user, score);
            }
        }

        return (users, pairs);

        void AddPairs(int user, double score)
        {
            var truth = split.Holdout.Truth.RowColumns(user);
            foreach (var purchases in days.Products)
            {
                // Products that the evaluated terms do not know take no part.
                var id = Array.BinarySearch(
                    _productIds, split.Scoped.ProductIds[purchases.Product], Utf8Order.Instance);
                if (id < 0)
                {
                    continue;
                }

                var (typical, factor) = (_fit.Intervals[id], _fit.Factors[id]);
                var hazard = _model.Hazard(purchases, typical, factor, NextOrderTerms.WindowDays);
                var again = _model.Growth(purchases, typical, factor, length);
                var plain = _plain.Growth(purchases, typical, factor, length);
                var pair = _model.Score(hazard, score);
                var own = OrderModel.Interval(purchases, typical);
                pairs.Add(new Case(
                    truth.BinarySearch(purchases.Product) >= 0,
                    _model.ProductProbability(pair, again),
                    [
                        -purchases.Age,
                        purchases.Days,
                        (float)-Math.Max(own, purchases.Age),
                        (float)-Math.Abs(own - purchases.Age - (length / 2.0)),
                    ])
                {
                    Plain = _plain.ProductProbability(pair, plain),
                });
            }
        }
    }

    private IEnumerable<NextOrderRow> Rows(string subject, string[] rules, List<Case> cases, List<Case> earlier)
    {
        yield return Row(subject, Served, [.. cases.Select(c => (c.Probability, (double?)c.Probability, c.Label))]);
        if (_fit.Terms.Orders.Seasons is not null)
        {
            yield return Row(subject, WithoutSeason, [.. cases.Select(c => (c.Plain, (double?)c.Plain, c.Label))]);
        }

        for (var rule = 0; rule < rules.Length; rule++)
        {
            var at = rule;
            var calibration = Calibrator.ForHorizon(
                Calibrator.Fit(earlier.Select(c => new ScoredLabel(c.Rules[at], 1, c.Label)), _run), _days, _growth);
            yield return Row(
                subject,
                rules[rule],
                [.. cases.Select(c => ((double)c.Rules[at], calibration.Probability(c.Rules[at]), c.Label))]);
        }
    }

    private static NextOrderRow Row(string subject, string name, (double Score, double? P, bool Label)[] cases)
    {
        var positives = cases.LongCount(c => c.Label);
        var share = positives / (double)Math.Max(1, cases.Length);
        Array.Sort(cases, (a, b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : a.Label.CompareTo(b.Label));
        var (ranks, hits) = (0.0, 0.0);
        for (var from = 0; from < cases.Length;)
        {
            var to = from;
            var labels = 0;
            for (; to < cases.Length && cases[to].Score == cases[from].Score; to++)
            {
                labels += cases[to].Label ? 1 : 0;
            }

            // Ties share their rank, and their part of the highest.
            ranks += labels * ((from + to + 1) / 2.0);
            var taken = Math.Clamp(to - (cases.Length - positives), 0, to - from);
            hits += labels * (double)taken / (to - from);
            from = to;
        }

        var pairs = (double)positives * (cases.Length - positives);
        return new NextOrderRow(
            subject,
            name,
            pairs == 0 ? 0.5 : (ranks - (positives * (positives + 1) / 2.0)) / pairs,
            cases.Length == 0 ? 0 : cases.Average(c => OrderLosses.Loss(c.P ?? share, c.Label)),
            positives == 0 ? 0 : hits / positives);
    }

    private sealed record Case(bool Label, double Probability, float[] Rules)
    {
        public int Orders { get; init; }

        public double Expected { get; init; }

        public double Plain { get; init; }

        public double PlainExpected { get; init; }

        public int FirstDay { get; init; }

        public int LikelyDay { get; init; }

        public int RuleDay { get; init; }
    }
}
