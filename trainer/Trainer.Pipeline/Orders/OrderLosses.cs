using Engine.Scoring.Orders;
using Engine.Snapshots.Manifest;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;

namespace Trainer.Pipeline.Orders;

/// <summary>The sums of -log p of what happened in a window, of users and of pairs of a user and a product.</summary>
internal static class OrderLosses
{
    /// <summary>Judges terms of a scope on the window after it.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="fit">The timing of the products.</param>
    /// <param name="scoped">The scope.</param>
    /// <param name="holdout">What followed.</param>
    public static (double Orders, double Products) Of(
        NextOrderTerms terms, NextOrderFit fit, ScopedDataset scoped, Holdout holdout)
    {
        var (model, days) = (new OrderModel(terms), new PurchaseDays());
        var (processes, window) = (OrderProcesses.Of(scoped), OrderWindow.After(scoped));
        var (orders, products) = (0.0, 0.0);
        var sampled = NextOrderLearner.PairUsers(scoped.UserCount).ToHashSet();
        foreach (var user in NextOrderLearner.Users(scoped.UserCount).Union(sampled))
        {
            days.Read(processes.History(user), processes.LastDay);
            var score = model.Score(days);
            orders += Loss(
                model.OrderProbability(score, model.Growth(days, scoped.Scope.Horizon)), window.Orders[user] > 0);
            if (!sampled.Contains(user))
            {
                continue;
            }

            var truth = holdout.Truth.RowColumns(user);
            foreach (var purchases in days.Products)
            {
                var (typical, factor) = (fit.Intervals[purchases.Product], fit.Factors[purchases.Product]);
                var hazard = model.Hazard(purchases, typical, factor, NextOrderTerms.WindowDays);
                var growth = model.Growth(purchases, typical, factor, scoped.Scope.Horizon);
                products += Loss(
                    model.ProductProbability(model.Score(hazard, score), growth),
                    truth.BinarySearch(purchases.Product) >= 0);
            }
        }

        return (orders, products);
    }

    /// <summary>-log of the probability of what happened.</summary>
    public static double Loss(double p, bool label) => -Math.Log(Math.Clamp(label ? p : 1 - p, 1e-9, 1));
}
