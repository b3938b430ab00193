using System.Diagnostics;

namespace Bench;

/// <summary>Times of single calls.</summary>
internal sealed class Latencies(int capacity)
{
    private readonly double[] _micros = new double[capacity];
    private int _count;

    /// <summary>Adds the time since <paramref name="start"/>.</summary>
    public void Since(long start) => Add(Stopwatch.GetTimestamp() - start);

    /// <summary>Adds a time in ticks of the stopwatch; finer than a TimeSpan.</summary>
    public void Add(long ticks) => _micros[_count++] = ticks * 1e6 / Stopwatch.Frequency;

    /// <summary>The given share of all times is at most this many microseconds.</summary>
    public double Percentile(double share)
    {
        Array.Sort(_micros, 0, _count);
        return _micros[Math.Min(_count - 1, (int)(share * _count))];
    }
}
