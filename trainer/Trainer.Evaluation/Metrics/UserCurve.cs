namespace Trainer.Evaluation.Metrics;

/// <summary>How well an order of users puts one product's purchasers first; ties share their places evenly.</summary>
/// <param name="Buyers">Purchasers.</param>
/// <param name="Auc">Area under the ROC curve.</param>
/// <param name="Captured">Expected purchasers among the best 1, 5, 10, 20, .. 100 % of users.</param>
public sealed record UserCurve(int Buyers, double Auc, double[] Captured)
{
    /// <summary>The shares of users at which purchasers are counted.</summary>
    public static readonly double[] Shares = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

    /// <summary>Measures one product; at least one purchaser and one other user.</summary>
    public static UserCurve Of(float[] scores, bool[] labels)
    {
        var order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort(order, (a, b) => scores[a] != scores[b] ? scores[b].CompareTo(scores[a]) : a.CompareTo(b));
        var buyers = labels.Count(label => label);
        var captured = new double[Shares.Length];
        double found = 0, pairs = 0;
        for (var start = 0; start < order.Length;)
        {
            var end = start;
            var tied = 0;
            for (; end < order.Length && scores[order[end]] == scores[order[start]]; end++)
            {
                tied += labels[order[end]] ? 1 : 0;
            }

            // Each other user of the tie has the purchasers before it, and half of those of the tie.
            pairs += (end - start - tied) * (found + (tied / 2.0));
            for (var s = 0; s < Shares.Length; s++)
            {
                var places = Math.Clamp((Shares[s] * order.Length) - start, 0, end - start);
                captured[s] += tied * places / (end - start);
            }

            found += tied;
            start = end;
        }

        return new UserCurve(buyers, pairs / ((double)buyers * (order.Length - buyers)), captured);
    }
}
