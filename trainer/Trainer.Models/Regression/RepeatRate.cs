using Trainer.Models.Matrices;

namespace Trainer.Models.Regression;

/// <summary>
/// How likely a purchaser of a product purchases it again (the repeat customer probability of Bhagat et al., KDD 2018).
/// </summary>
public static class RepeatRate
{
    /// <summary>
    /// Prior pseudo-count of purchasers: a product's own share counts as much as the catalog's once it has so many
    /// purchasers.
    /// </summary>
    private const double PriorBuyers = 20;

    /// <summary>
    /// For each product (purchasers of two times or more + prior x catalog share) / (purchasers + prior).
    /// </summary>
    /// <param name="counts">Users by products: number of purchases.</param>
    public static float[] Estimate(InteractionMatrix counts)
    {
        var buyers = new double[counts.ColumnCount];
        var repeaters = new double[counts.ColumnCount];
        for (var e = 0; e < counts.Count; e++)
        {
            buyers[counts.Columns[e]]++;
            repeaters[counts.Columns[e]] += counts.Weights[e] >= 2 ? 1 : 0;
        }

        var share = repeaters.Sum() / Math.Max(1, buyers.Sum());
        return [.. buyers.Select((n, i) => (float)((repeaters[i] + (PriorBuyers * share)) / (n + PriorBuyers)))];
    }
}
