using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// What the same days of a year before say of a product: how its sales changed from the
/// <see cref="TemporalSplits.LearningWindow"/> days before them to them, relative to all products, by all users. A
/// product with few sales takes the mean change of its tag values and name words.
/// </summary>
public static class YearBefore
{
    // Sales that the change of the parents counts as.
    private const double Prior = 5;

    /// <summary>log of the change of each product; 0 as all products.</summary>
    public static float[] Change(ScopedDataset scoped)
    {
        var (before, during) = Sales(scoped);
        var all = (before.Sum() + 1) / (during.Sum() + 1);
        during = Array.ConvertAll(during, sales => sales * all);
        var (sums, groups) = (new double[scoped.ProductCount], new int[scoped.ProductCount]);
        var rows = TagRows.Of(scoped, 1);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var (left, right) = (Prior, Prior);
            foreach (var product in rows.RowColumns(row))
            {
                left += before[product];
                right += during[product];
            }

            foreach (var product in rows.RowColumns(row))
            {
                sums[product] += Math.Log(right / left);
                groups[product]++;
            }
        }

        return [.. Enumerable.Range(0, before.Length).Select(product => (float)Math.Log(
            (during[product] + (Prior * Math.Exp(sums[product] / Math.Max(1, groups[product]))))
            / (before[product] + Prior)))];
    }

    private static (double[] Before, double[] During) Sales(ScopedDataset scoped)
    {
        var products = Numbering.Invert(scoped.ProductSource, scoped.Dataset.Products.Count);
        var (before, during) = (new double[scoped.ProductCount], new double[scoped.ProductCount]);
        var end = BehaviorLog.Day(scoped.Scope.End) - ProductSignals.Year;
        var log = scoped.Dataset.Behaviors;
        for (var i = 0L; i < log.Count; i++)
        {
            var behavior = log[i];
            if (behavior is { Type: BehaviorType.Purchase, Count: > 0 } && products[behavior.Product] >= 0
                && Math.Abs((2 * (behavior.Day - end)) - 1) < 2 * TemporalSplits.LearningWindow)
            {
                (behavior.Day > end ? during : before)[products[behavior.Product]]++;
            }
        }

        return (before, during);
    }
}
