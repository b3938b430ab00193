namespace Trainer.Models;

/// <summary>
/// Item neighbours from co-occurrence alone: shrunk cosine, asymmetric cosine, RP3beta (see <see cref="SimilarityOptions"/>).
/// Weights only decide what stays of a long history. The same at any number of threads.
/// </summary>
public static class ItemSimilarity
{
    /// <summary>Computes the k nearest neighbours of every item.</summary>
    /// <param name="interactions">Users by items.</param>
    /// <param name="options">Settings; validated.</param>
    /// <param name="progress">Told the number of finished items now and then, from any thread; may be null.</param>
    /// <param name="cancellation">Stops between items.</param>
    public static SimilarityMatrix Compute(
        InteractionMatrix interactions,
        SimilarityOptions options,
        Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        options.Validate();
        var byUser = DampUsers(CappedHistory.Apply(interactions, options.HistoryCap), options.UserExponent);
        var byItem = byUser.Transpose();
        byItem.Weights.AsSpan().Fill(1f);
        var source = Powers(byItem, options.SourceExponent);
        var target = Powers(byItem, options.TargetExponent);
        return NeighborSearch.Run(
            byUser,
            byItem,
            options,
            source,
            target,
            progress,
            cancellation);
    }

    // n^-exponent for every row.
    internal static double[] Powers(InteractionMatrix matrix, double exponent)
    {
        var powers = new double[matrix.RowCount];
        for (var row = 0; row < powers.Length; row++)
        {
            powers[row] = Math.Pow(Math.Max(1, matrix.RowLength(row)), -exponent);
        }

        return powers;
    }

    // Every entry of user u becomes n_u^-exponent.
    internal static InteractionMatrix DampUsers(InteractionMatrix matrix, double exponent)
    {
        var powers = Powers(matrix, exponent);
        var weights = new float[matrix.Count];
        for (var row = 0; row < powers.Length; row++)
        {
            weights.AsSpan((int)matrix.Offsets[row], matrix.RowLength(row)).Fill((float)powers[row]);
        }

        return new InteractionMatrix(matrix.RowCount, matrix.ColumnCount, matrix.Offsets, matrix.Columns, weights);
    }
}
