using Engine.Scoring.Orders;
using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Evaluation.Splits;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Orders;

/// <summary>
/// The season of a brand's orders: how many times as many came in the same days a year before as the terms of that time
/// expected. It is used where it would have helped in the learning windows: the days that are predicted decide nothing.
/// </summary>
internal sealed class OrderSeasons(Dataset dataset, NextOrderLearner learner, RunContext run)
{
    private const int Window = NextOrderTerms.WindowDays;
    private const int Stretches = NextOrderTerms.MostDays / Window;

    // With fewer days before them, the customers of a year ago would be new ones only.
    private const int LeastDays = 180;

    // Orders that speak for no season.
    private const double Prior = 50;
    private const double Strongest = 4;
    private const int Halvings = 40;

    private readonly DateOnly _first = ProductSignals.FirstDay(dataset);

    /// <summary>The terms with seasons for the days after <paramref name="end"/>, or as they are.</summary>
    public NextOrderTerms With(NextOrderTerms terms, DateOnly end)
    {
        if (YearBefore(end) is not { } seasons)
        {
            return terms;
        }

        var (windows, orders, products) = (0, 0.0, 0.0);
        foreach (var (before, holdout) in TemporalSplits.Learning(dataset, end, run))
        {
            if (YearBefore(before.Scope.End) is { } known && learner.LearnPlain(before) is { } fit)
            {
                var plain = OrderLosses.Of(fit.Terms, fit, before, holdout);
                var seasonal = OrderLosses.Of(Apply(fit.Terms, known, known), fit, before, holdout);
                windows++;
                orders += plain.Orders - seasonal.Orders;
                products += plain.Products - seasonal.Products;
            }
        }

        return windows == 0 || orders < 0 ? terms : Apply(terms, seasons, products < 0 ? null : seasons);
    }

    private static NextOrderTerms Apply(NextOrderTerms terms, Season orders, Season? products) => terms with
    {
        Orders = terms.Orders with { Seasons = orders.Probabilities },
        Products = terms.Products with { Seasons = products?.Probabilities },
        ExpectedSeasons = orders.Orders,
    };

    // By terms that know nothing later than the day a year before, and what came after it.
    private Season? YearBefore(DateOnly end)
    {
        var day = end.AddDays(-ProductSignals.Year);
        if (_first > day.AddDays(-LeastDays)
            || TemporalSplits.TryAt(dataset, day, NextOrderTerms.MostDays, run) is not { } split
            || learner.LearnPlain(split.Scoped) is not { } fit)
        {
            return null;
        }

        var processes = OrderProcesses.Of(split.Scoped);
        var windows = Enumerable.Range(0, Stretches)
            .Select(n => OrderWindow.After(split.Scoped, n * Window, Window)).ToArray();
        var (model, days) = (new OrderModel(fit.Terms), new PurchaseDays());
        var (users, expected, came) = (new List<Past>(), new double[Stretches], new long[Stretches]);
        foreach (var user in NextOrderLearner.Users(split.Scoped.UserCount))
        {
            days.Read(processes.History(user), processes.LastDay);
            var score = model.Score(days);
            var (steps, earlier, stretch) = (new double[Stretches], (Growth: 0.0, Orders: 0.0), Stretches);
            for (var n = 0; n < Stretches; n++)
            {
                var now = (Growth: model.Growth(days, (n + 1) * Window),
                    Orders: model.ExpectedOrders(days, score, (n + 1) * Window));
                steps[n] = now.Growth - earlier.Growth;
                expected[n] += now.Orders - earlier.Orders;
                came[n] += windows[n].Orders[user];
                stretch = stretch == Stretches && windows[n].Orders[user] > 0 ? n : stretch;
                earlier = now;
            }

            users.Add(new Past(double.LogP1(-Math.Min(model.OrderProbability(score, 1), 1 - 1e-12)), steps, stretch));
        }

        return new Season(
            Probabilities(users),
            [.. came.Zip(expected, (orders, sum) => (orders + Prior) / (sum + Prior))]);
    }

    // As many buyers by the end of each stretch as there were.
    private static double[] Probabilities(List<Past> users)
    {
        var (seasons, done) = (new double[Stretches], new double[users.Count]);
        for (var n = 0; n < Stretches; n++)
        {
            var stretch = n;
            var predicted = Buyers(1);
            var buyers = predicted * (users.Count(user => user.Stretch <= n) + Prior) / (predicted + Prior);
            var (low, high) = (1 / Strongest, Strongest);
            for (var halving = 0; halving < Halvings; halving++)
            {
                var middle = Math.Sqrt(low * high);
                (low, high) = Buyers(middle) < buyers ? (middle, high) : (low, middle);
            }

            seasons[n] = Math.Sqrt(low * high);
            for (var user = 0; user < done.Length; user++)
            {
                done[user] += seasons[n] * users[user].Steps[n];
            }

            double Buyers(double season) => users
                .Select((user, at) => -double.ExpM1(user.LogNone * (done[at] + (season * user.Steps[stretch])))).Sum();
        }

        return seasons;
    }

    /// <summary>A user of a year before.</summary>
    /// <param name="LogNone">log of the probability of no order within the window.</param>
    /// <param name="Steps">By stretch: its part of the growth.</param>
    /// <param name="Stretch">That of the first order.</param>
    private sealed record Past(double LogNone, double[] Steps, int Stretch);

    private sealed record Season(double[] Probabilities, double[] Orders);
}
