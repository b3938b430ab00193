namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Parts of a sum and their weights on a <see cref="BlendPool"/>; weights are relative to scores of mean magnitude 1.
/// </summary>
public sealed class BlendWeights(BlendPool pool)
{
    private static readonly double[] Coarse = [0.05, 0.1, 0.2, 0.35, 0.6, 1, 1.6, 2.5, 4, 8];

    private readonly List<(FittedPart Part, float[] Scores, double Scale)> _parts = [];
    private List<double> _weights = [];

    private double[] _values = [];

    /// <summary>nDCG@K of the sum.</summary>
    public double Value => Mean(_values);

    /// <summary>Parts in the sum.</summary>
    public int Count => _parts.Count;

    /// <summary>The sum's settings.</summary>
    public ModelSettings Settings =>
        new([.. _parts.Select((part, n) => part.Part.Settings with { Weight = _weights[n] * part.Scale })]);

    /// <summary>The value with one more part at its best weight, the other weights as they are.</summary>
    /// <returns>The value, the weight, and by how many standard errors (over users) the value rises.</returns>
    public (double Value, double Weight, double Errors) Try((FittedPart Part, float[] Scores, double Scale) part)
    {
        if (_parts.Count == 0)
        {
            return (Mean(pool.Evaluate([part.Scores], [1])), 1, double.PositiveInfinity);
        }

        float[][] scores = [.. _parts.Select(p => p.Scores), part.Scores];
        var total = _weights.Sum();
        var (values, best) = Coarse
            .Select(
                weight => (
                    Values: pool.Evaluate(scores, [.. Scaled(_weights), weight * total * part.Scale]),
                    Weight: weight * total))
            .MaxBy(tried => Mean(tried.Values));
        return (Mean(values), best, Errors(values));
    }

    /// <summary>Adds a part and learns all weights again.</summary>
    public void Add((FittedPart Part, float[] Scores, double Scale) part, double weight)
    {
        _parts.Add(part);
        _weights.Add(weight);
        Learn();
    }

    // Weights times and over a step, one at a time, until no step helps; then finer. A part may end at nothing.
    private void Learn()
    {
        _values = Evaluate(_weights);
        for (var step = 2.0; step > 1.05; step = Math.Sqrt(step))
        {
            for (var improved = true; improved;)
            {
                improved = false;
                for (var n = 0; n < _weights.Count && _weights.Count > 1; n++)
                {
                    foreach (var factor in new[] { step, 1 / step })
                    {
                        List<double> next = [.. _weights];
                        next[n] *= factor;
                        if (Evaluate(next) is var values && Mean(values) > Value)
                        {
                            (_weights, _values, improved) = (next, values, true);
                        }
                    }
                }
            }
        }
    }

    private double[] Evaluate(List<double> weights) =>
        pool.Evaluate([.. _parts.Select(p => p.Scores)], [.. Scaled(weights)]);

    private IEnumerable<double> Scaled(List<double> weights) => weights.Select((weight, n) => weight * _parts[n].Scale);

    private static double Mean(double[] values) => values.Sum() / Math.Max(1, values.Length);

    // Of the paired differences.
    private double Errors(double[] values)
    {
        double sum = 0, squares = 0;
        for (var n = 0; n < values.Length; n++)
        {
            var difference = values[n] - _values[n];
            sum += difference;
            squares += difference * difference;
        }

        return sum <= 0 ? 0 : sum / Math.Sqrt(squares);
    }
}
