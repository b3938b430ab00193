namespace Engine.Snapshots.Manifest;

/// <summary>
/// Where a score stands among the users of its product: per product the scores at fixed shares of users, one percent
/// apart and finer at the top, where campaigns cut.
/// </summary>
public static class ScoreQuantiles
{
    /// <summary>
    /// Users that the stored scores are taken from at most: of more, as many evenly over their order.
    /// </summary>
    public const int MostUsers = 5000;

    /// <summary>Scores stored for each product.</summary>
    public const int Count = 104;

    /// <summary>Scores that earlier files store for each product.</summary>
    public const int EarlierCount = 20;

    // Dvoretzky, Kiefer, Wolfowitz, in points.
    private static readonly double SampleError = 100 * Math.Sqrt(Math.Log(2 / 0.05) / (2.0 * MostUsers));

    private static readonly float[] Shares =
        [.. Enumerable.Range(0, 99).Select(percent => (float)percent), 99, 99.5f, 99.8f, 99.9f, 100];

    private static readonly float[] EarlierShares =
        [0, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5f, 99.8f, 99.9f, 100];

    /// <summary>
    /// The share of users at or below a score, in percent, 0..100, and how far the true share may lie from it, in
    /// points. Two stored scores around a score say of how many users it can be the last; the share is in the middle of
    /// these, so among <see cref="MostUsers"/> users or fewer it is at most half a point from the truth. Where users
    /// were sampled the error holds with 95 % (Dvoretzky, Kiefer, Wolfowitz: sqrt(ln(2 / 0.05) / 2n) more).
    /// </summary>
    /// <param name="quantiles">A product's stored scores, ascending: <see cref="Count"/>, or as many as earlier files
    /// have.</param>
    /// <param name="score">The score.</param>
    /// <param name="users">Users of the snapshot, 1 or more.</param>
    public static (float Percentile, float Error) Place(ReadOnlySpan<float> quantiles, float score, int users)
    {
        // A float of 0..100 is rounded by less.
        const float Rounding = 1e-5f;
        var taken = Math.Min(users, MostUsers);
        var shares = quantiles.Length == EarlierCount ? EarlierShares : Shares;
        var next = FirstAbove(quantiles, score);
        var fewest = next == 0 ? 0 : Index(shares[next - 1], taken) + 1;
        var most = next == quantiles.Length ? taken : Index(shares[next], taken);
        var sampled = users > MostUsers ? SampleError : 0;
        return (
            (float)(50.0 * (fewest + most) / taken),
            (float)((50.0 * (most - fewest) / taken) + sampled) + Rounding);
    }

    /// <summary>Writes the stored scores of a product from the scores of its users.</summary>
    /// <param name="ascending">Scores of users, ascending; without any, the quantiles are zeros.</param>
    /// <param name="quantiles"><see cref="Count"/> places.</param>
    public static void Summarize(ReadOnlySpan<float> ascending, Span<float> quantiles)
    {
        for (var i = 0; i < quantiles.Length; i++)
        {
            quantiles[i] = ascending.IsEmpty ? 0 : ascending[Index(Shares[i], ascending.Length)];
        }
    }

    // The user, in ascending order of scores, whose score stands at a share.
    private static int Index(float share, int users) => (int)Math.Round(share / 100.0 * (users - 1));

    // The first stored score above a score. Equal ones stand for the users who tie, who all count.
    private static int FirstAbove(ReadOnlySpan<float> quantiles, float score)
    {
        var (low, high) = (0, quantiles.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = quantiles[middle] <= score ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
