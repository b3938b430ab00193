namespace Engine.Kernels.Scan;

/// <summary>
/// How many rows score at least t, for 256 evenly spaced t. A search counts rows by their eight-bit score, sparse part
/// included, which is off by at most <see cref="ScoreError"/>: the true count at t lies between the curve's counts at
/// t + error and t - error. <see cref="Count"/> counts exact scores.
/// </summary>
public sealed class AudienceCurve
{
    /// <summary>Number of thresholds.</summary>
    public const int Thresholds = 256;

    private readonly long[] _bins = new long[Thresholds + 1];
    private float _rounding;

    /// <summary>The lowest threshold.</summary>
    public float Low { get; private set; }

    /// <summary>The distance between thresholds.</summary>
    public float Step { get; private set; }

    /// <summary>The largest error of any score that was counted.</summary>
    public float ScoreError { get; private set; }

    /// <summary>Threshold <paramref name="index"/>, 0..255.</summary>
    public float Threshold(int index) => Low + (index * Step);

    /// <summary>Rows that score at least threshold <paramref name="index"/>.</summary>
    public long CountAt(int index)
    {
        long count = 0;
        for (var bin = index + 1; bin <= Thresholds; bin++)
        {
            count += _bins[bin];
        }

        return count;
    }

    /// <summary>Starts over, the thresholds from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public void Begin(float low, float high)
    {
        Array.Clear(_bins);
        Low = low;
        Step = MathF.Max((high - low) / (Thresholds - 1), 1e-30f);
        ScoreError = 0;
        // Three roundings on the way to a bin, and one on the way to a threshold.
        _rounding = (Step * 1e-4f) + (MathF.Max(MathF.Abs(low), MathF.Abs(high)) * 1e-6f);
    }

    /// <summary>Counts one score.</summary>
    public void Count(float score)
    {
        // From a guess to the last threshold that the score reaches; -1 for none.
        var at = (int)Math.Clamp(((double)score - Low) / Step, -1, Thresholds - 1);
        while (at + 1 < Thresholds && Threshold(at + 1) <= score)
        {
            at++;
        }

        while (at >= 0 && Threshold(at) > score)
        {
            at--;
        }

        _bins[at + 1]++;
    }

    /// <summary>Adds rows that reach a threshold and not the next one.</summary>
    /// <param name="index">The threshold, 0..255.</param>
    /// <param name="rows">How many.</param>
    public void Add(int index, long rows) => _bins[index + 1] += rows;

    /// <summary>Widens <see cref="ScoreError"/> to cover scores that are off by so much.</summary>
    internal void AddError(float error) => ScoreError = MathF.Max(ScoreError, error + _rounding);

    /// <summary>
    /// Adds one thread's bins: histograms of 257, in which bin 0 is below all thresholds and bin i + 1 holds scores
    /// from threshold i to the next.
    /// </summary>
    internal void Add(ReadOnlySpan<int> bins)
    {
        for (var i = 0; i < bins.Length; i++)
        {
            _bins[i % (Thresholds + 1)] += bins[i];
        }
    }
}
