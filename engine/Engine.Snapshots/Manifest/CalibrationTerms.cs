using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// From score to the probability that the user purchases the product within the horizon: linear between knots that
/// ascend in both, constant outside. Without knots there is none, and a score is never called a probability.
/// </summary>
[MessagePackObject]
public sealed record CalibrationTerms
{
    /// <summary>How it was fitted: <c>isotonic</c>, <c>platt</c> or <c>none</c>.</summary>
    [Key("method")]
    public required string Method { get; init; }

    /// <summary>Scores, strictly ascending.</summary>
    [Key("scores")]
    public required float[] Scores { get; init; }

    /// <summary>The probability at each score, 0..1, ascending.</summary>
    [Key("probabilities")]
    public required double[] Probabilities { get; init; }

    /// <summary>No calibration.</summary>
    public static CalibrationTerms None { get; } = new() { Method = "none", Scores = [], Probabilities = [] };

    /// <summary>Whether the knots are as promised.</summary>
    [IgnoreMember]
    public bool IsSound =>
        Method is not null && Scores is not null && Probabilities?.Length == Scores.Length
            && Scores.All(float.IsFinite) &&
        Probabilities.All(p => p is >= 0 and <= 1) &&
        Enumerable.Range(1, Math.Max(0, Scores.Length - 1))
            .All(i => Scores[i] > Scores[i - 1] && Probabilities[i] >= Probabilities[i - 1]);

    /// <summary>The probability at a score, or null when there are no knots.</summary>
    public double? Probability(float score) =>
        Scores.Length == 0 ? null : Between(Scores, Probabilities, score);

    /// <summary>The value at <paramref name="x"/>: linear between knots, constant outside; at least one knot.</summary>
    /// <param name="knots">Strictly ascending.</param>
    /// <param name="values">One a knot.</param>
    /// <param name="x">Where.</param>
    public static double Between(float[] knots, double[] values, float x)
    {
        var at = Array.BinarySearch(knots, x);
        if (at >= 0)
        {
            return values[at];
        }

        var next = ~at;
        if (next == 0 || next == knots.Length)
        {
            return values[Math.Min(next, knots.Length - 1)];
        }

        var part = ((double)x - knots[next - 1]) / ((double)knots[next] - knots[next - 1]);
        return values[next - 1] + (part * (values[next] - values[next - 1]));
    }
}
