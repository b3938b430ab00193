using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// Evaluates "users for one product" on the window, for the products with at least 10 purchasers in it: the served
/// score and the rule that a marketer would use: who purchased the product most often, ties by who purchased most of
/// anything.
/// </summary>
public static class ProductEvaluator
{
    private const int FewestBuyers = 10;

    /// <summary>The served row, then the baseline.</summary>
    /// <param name="window">Scores and labels.</param>
    /// <param name="order">For each product ordinal the index in <paramref name="purchases"/>.</param>
    /// <param name="purchases">Users by products: purchases before the window.</param>
    /// <param name="run">Threads, cancellation; no result depends on it.</param>
    public static ProductDirectionRow[] Evaluate(
        WindowScores window, int[] order, InteractionMatrix purchases, RunContext run)
    {
        var byProduct = purchases.OnlyRows(window.Users).Transpose(run);
        var activity = Enumerable.Range(0, purchases.RowCount)
            .Select(user => purchases.RowWeights(user).ToArray().Sum()).ToArray();
        var most = 1 + activity.DefaultIfEmpty().Max();
        var served = new UserCurve?[window.Products];
        var baseline = new UserCurve?[window.Products];
        window.ForEach(FewestBuyers, (product, scores, labels) =>
        {
            served[product] = UserCurve.Of(scores, labels);
            var counts = byProduct.RowColumns(order[product]).ToArray()
                .Zip(byProduct.RowWeights(order[product]).ToArray())
                .ToDictionary(pair => pair.First, pair => pair.Second);
            var frequency =
                Array.ConvertAll(window.Users, user => counts.GetValueOrDefault(user) + (activity[user] / most));
            baseline[product] = UserCurve.Of(frequency, labels);
        });
        return served.All(curve => curve is null)
            ? []
            : [Row("served", window, served), Row("purchases_of_product_then_of_anything", window, baseline)];
    }

    private static ProductDirectionRow Row(string name, WindowScores window, UserCurve?[] all)
    {
        var curves = all.OfType<UserCurve>().ToArray();
        var aucs = curves.Select(curve => curve.Auc).Order().ToArray();
        var buyers = (double)curves.Sum(curve => curve.Buyers);
        var captured = UserCurve.Shares.Select((_, s) => curves.Sum(curve => curve.Captured[s]) / buyers).ToArray();
        return new ProductDirectionRow(
            name,
            curves.Length,
            window.Users.Length,
            aucs.Average(),
            (aucs[(aucs.Length - 1) / 2] + aucs[aucs.Length / 2]) / 2,
            curves.Sum(curve => curve.Buyers * curve.Auc) / buyers,
            captured[0] / 0.01,
            captured[1] / 0.05,
            captured[2] / 0.1,
            captured[2..]);
    }
}
