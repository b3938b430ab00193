using Trainer.Models.Matrices;

namespace Trainer.Models.Similarity;

/// <summary>
/// What every member of the ItemKNN family comes down to: B[j,i] = Source[j] Target[i] sum over common users of
/// Users[u].
/// </summary>
/// <param name="Users">A weight of at least 0 for every user.</param>
/// <param name="Source">A factor of at least 0 for every history item, by rank.</param>
/// <param name="Target">A factor of at least 0 for every candidate, by rank.</param>
public sealed record SimilarityScales(float[] Users, double[] Source, double[] Target)
{
    private const double K1 = 1.2;
    private const double B = 0.75;

    /// <summary>The scales of one member.</summary>
    public static SimilarityScales Of(PopularityOrder order, SimilarityOptions options)
    {
        var (byUser, byItem) = (order.ByUser, order.ByItem);
        switch (options.Weighting)
        {
            case SimilarityWeighting.TfIdf:
                var rarity = SquaredRarity(byUser);
                var norms = PerRow(byItem, item => Norm(rarity, byItem.Row(item)));
                return new SimilarityScales(rarity, norms, norms);
            case SimilarityWeighting.Bm25:
                var average = (double)byItem.Columns.Length / Math.Max(1, byItem.RowCount);
                var saturation = PerRow(
                    byItem,
                    item => (K1 + 1) / ((K1 * (1 - B + (B * byItem.RowLength(item) / Math.Max(average, 1e-12)))) + 1));
                return new SimilarityScales(SquaredRarity(byUser), saturation, saturation);
            default:
                return new SimilarityScales(
                    [.. Powers(byUser, options.UserExponent).Select(x => (float)x)],
                    Powers(byItem, options.SourceExponent),
                    Powers(byItem, options.TargetExponent));
        }
    }

    /// <summary>n^-exponent for every row.</summary>
    public static double[] Powers(Incidence matrix, double exponent) =>
        PerRow(matrix, row => Math.Pow(Math.Max(1, matrix.RowLength(row)), -exponent));

    // Both items of a pair carry idf_u, hence its square. A user of nearly all items carries no information: 0, never
    // less.
    private static float[] SquaredRarity(Incidence byUser) =>
    [
        .. PerRow(
            byUser, user => Math.Pow(Math.Max(0, Math.Log(byUser.ColumnCount / (1.0 + byUser.RowLength(user)))), 2))
            .Select(x => (float)x),
    ];

    private static double Norm(float[] weights, ReadOnlySpan<int> users)
    {
        double sum = 0;
        foreach (var user in users)
        {
            sum += weights[user];
        }

        return sum > 0 ? 1 / Math.Sqrt(sum) : 0;
    }

    private static double[] PerRow(Incidence matrix, Func<int, double> value)
    {
        var values = new double[matrix.RowCount];
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = value(row);
        }

        return values;
    }
}
