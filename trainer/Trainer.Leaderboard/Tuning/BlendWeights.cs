namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// The weights of a sum on a <see cref="BlendPool"/>, relative to scores of mean magnitude 1. All begin at 1: a sum of
/// equals errs less than its parts, and needs no evidence. A weight moves by a step only where that raises nDCG by a
/// standard error of the paired differences over users.
/// </summary>
public sealed class BlendWeights
{
    private const double LeastErrors = 1;
    private const double FirstStep = 2;
    private const double LastStep = 1.2;

    private readonly BlendPool _pool;
    private readonly (FittedPart Part, (float[] Scores, double Scale) Scored)[] _parts;
    private double[] _weights;
    private double[] _values;

    /// <summary>The sum of all parts with one weight.</summary>
    /// <param name="pool">Users and items.</param>
    /// <param name="parts">At least one, with its scores on the pool.</param>
    public BlendWeights(BlendPool pool, (FittedPart Part, (float[] Scores, double Scale) Scored)[] parts)
    {
        (_pool, _parts) = (pool, parts);
        _weights = [.. Enumerable.Repeat(1.0, parts.Length)];
        _values = Evaluate(_weights);
    }

    /// <summary>nDCG@K of the sum.</summary>
    public double Value => _values.Sum() / Math.Max(1, _values.Length);

    /// <summary>Parts.</summary>
    public int Count => _parts.Length;

    /// <summary>The sum's settings.</summary>
    public ModelSettings Settings => new(
        [.. _parts.Select((part, n) => part.Part.Settings with { Weight = _weights[n] * part.Scored.Scale })]);

    /// <summary>
    /// Moves weights: times and over a step, one at a time, until no step helps; then finer steps.
    /// </summary>
    public void Learn()
    {
        for (var step = FirstStep; step > LastStep; step = Math.Sqrt(step))
        {
            while (_weights.Length > 1 && Move(step))
            {
            }
        }
    }

    private bool Move(double step)
    {
        var moved = false;
        for (var n = 0; n < _weights.Length; n++)
        {
            foreach (var factor in new[] { step, 1 / step })
            {
                double[] next = [.. _weights];
                next[n] *= factor;
                if (Evaluate(next) is var values && Errors(values) >= LeastErrors)
                {
                    (_weights, _values, moved) = (next, values, true);
                }
            }
        }

        return moved;
    }

    private double[] Evaluate(double[] weights) => _pool.Evaluate(
        [.. _parts.Select(part => part.Scored.Scores)],
        [.. _parts.Select((part, n) => weights[n] * part.Scored.Scale)]);

    // By how many standard errors values are above the present ones.
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
