namespace Engine.Model.Kernels;

/// <summary>
/// How many rows score at least t, for 256 evenly spaced t. Rows with a sparse part count by their exact score, the others by
/// their eight-bit score, which is off by at most <see cref="ScoreError"/>: the true count at t lies between the curve's
/// counts at t + error and t - error.
/// </summary>
public sealed class AudienceCurve
{
    /// <summary>Number of thresholds.</summary>
    public const int Thresholds = 256;

    private readonly long[] _bins = new long[Thresholds + 1];

    /// <summary>The lowest threshold.</summary>
    public float Low { get; private set; }

    /// <summary>The distance between thresholds.</summary>
    public float Step { get; private set; }

    /// <summary>The largest error of any score that was counted.</summary>
    public float ScoreError { get; internal set; }

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
    internal void Begin(float low, float high)
    {
        Array.Clear(_bins);
        Low = low;
        Step = MathF.Max((high - low) / (Thresholds - 1), 1e-30f);
        ScoreError = 0;
    }

    /// <summary>
    /// Bin 0 is below all thresholds; bin i + 1 holds scores from threshold i to the next. Clamped before the conversion:
    /// scores far outside the thresholds pass every integer.
    /// </summary>
    internal int BinOf(float score) => (int)Math.Clamp(MathF.Floor((score - Low) / Step) + 1, 0, Thresholds);

    internal void Add(float score) => _bins[BinOf(score)]++;

    /// <summary>Adds one thread's bins; <paramref name="bins"/> is read as rows of 257.</summary>
    internal void Add(ReadOnlySpan<int> bins)
    {
        for (var i = 0; i < bins.Length; i++)
        {
            _bins[i % (Thresholds + 1)] += bins[i];
        }
    }
}
