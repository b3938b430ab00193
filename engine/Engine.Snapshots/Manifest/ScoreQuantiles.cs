namespace Engine.Snapshots.Manifest;

/// <summary>
/// Where a score stands among the users of its product: per product the scores at fixed shares of users, finer at the
/// top, where campaigns cut.
/// </summary>
public static class ScoreQuantiles
{
    /// <summary>The shares of users, in percent, at or below each stored score.</summary>
    public static ReadOnlySpan<float> Percents =>
        [0, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5f, 99.8f, 99.9f, 100];

    /// <summary>Scores stored for each product.</summary>
    public static int Count => Percents.Length;

    /// <summary>
    /// Users that the stored scores are taken from at most: of more, as many evenly over their order.
    /// </summary>
    public const int MostUsers = 5000;

    /// <summary>The share of users at or below a score, in percent, 0..100.</summary>
    /// <param name="quantiles">A product's stored scores, ascending.</param>
    /// <param name="score">The score.</param>
    public static float Percentile(ReadOnlySpan<float> quantiles, float score) => Place(quantiles, score).Percentile;

    /// <summary>
    /// How far the true share may lie from <see cref="Percentile"/>, in points: the distance to the stored shares
    /// around it, the rounding of a stored share to whole users, and where users were sampled the bound that holds with
    /// 95 % (Dvoretzky, Kiefer, Wolfowitz: sqrt(ln(2 / 0.05) / 2n)).
    /// </summary>
    /// <param name="quantiles">A product's stored scores, ascending.</param>
    /// <param name="score">The score.</param>
    /// <param name="users">Users of the snapshot, 1 or more.</param>
    public static float Error(ReadOnlySpan<float> quantiles, float score, int users)
    {
        var (percentile, low, high) = Place(quantiles, score);
        var taken = Math.Min(users, MostUsers);
        var sampled = users > MostUsers ? 100 * Math.Sqrt(Math.Log(2 / 0.05) / (2.0 * taken)) : 0;
        return (float)(Math.Max(percentile - low, high - percentile) + (150.0 / taken) + sampled);
    }

    // The percentile, and the stored shares between which it lies.
    private static (float Percentile, float Low, float High) Place(ReadOnlySpan<float> quantiles, float score)
    {
        if (!(score >= quantiles[0]))
        {
            return (0, 0, 0);
        }

        // The last stored score that is not above it: equal ones stand for the users who tie, who all count.
        var below = quantiles.Length - 1;
        while (quantiles[below] > score)
        {
            below--;
        }

        if (below == quantiles.Length - 1)
        {
            return (100, 100, 100);
        }

        var (low, high) = (Percents[below], Percents[below + 1]);
        // The last of the users who tie is anywhere between two stored shares; other scores are spread between them.
        var isTie = quantiles[below] == score && below > 0 && quantiles[below - 1] == score;
        var part = isTie ? 0.5f : (score - quantiles[below]) / (quantiles[below + 1] - quantiles[below]);
        return (low + (part * (high - low)), low, high);
    }

    /// <summary>Writes the stored scores of a product from the scores of its users.</summary>
    /// <param name="ascending">Scores of users, ascending; without any, the quantiles are zeros.</param>
    /// <param name="quantiles"><see cref="Count"/> places.</param>
    public static void Summarize(ReadOnlySpan<float> ascending, Span<float> quantiles)
    {
        for (var i = 0; i < quantiles.Length; i++)
        {
            quantiles[i] = ascending.IsEmpty
                ? 0
                : ascending[(int)Math.Round(Percents[i] / 100.0 * (ascending.Length - 1))];
        }
    }
}
