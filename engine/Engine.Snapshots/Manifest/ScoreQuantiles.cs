namespace Engine.Snapshots.Manifest;

/// <summary>
/// Where a score stands among the users of its product: per product the scores at fixed shares of users, finer at the top,
/// where campaigns cut.
/// </summary>
public static class ScoreQuantiles
{
    /// <summary>The shares of users, in percent, at or below each stored score.</summary>
    public static ReadOnlySpan<float> Percents =>
        [0, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5f, 99.8f, 99.9f, 100];

    /// <summary>Scores stored for each product.</summary>
    public static int Count => Percents.Length;

    /// <summary>The percentile of a score, 0..100: linear between the stored ones.</summary>
    /// <param name="quantiles">A product's stored scores, ascending.</param>
    /// <param name="score">The score.</param>
    public static float Percentile(ReadOnlySpan<float> quantiles, float score)
    {
        if (!(score > quantiles[0]))
        {
            return 0;
        }

        // The last stored score below it: equal ones stand for the users who tie, all of whom get their upper end.
        var below = quantiles.Length - 1;
        while (quantiles[below] > score)
        {
            below--;
        }

        if (below == quantiles.Length - 1)
        {
            return 100;
        }

        var part = (score - quantiles[below]) / (quantiles[below + 1] - quantiles[below]);
        return Percents[below] + (part * (Percents[below + 1] - Percents[below]));
    }

    /// <summary>Writes the stored scores of a product from the scores of its users.</summary>
    /// <param name="ascending">Scores of users, ascending; without any, the quantiles are zeros.</param>
    /// <param name="quantiles"><see cref="Count"/> places.</param>
    public static void Summarize(ReadOnlySpan<float> ascending, Span<float> quantiles)
    {
        for (var i = 0; i < quantiles.Length; i++)
        {
            quantiles[i] = ascending.IsEmpty ? 0 : ascending[(int)Math.Round(Percents[i] / 100.0 * (ascending.Length - 1))];
        }
    }
}
