namespace Engine.Kernels.Arithmetic;

/// <summary>
/// Sums of fp32 numbers that do not depend on the order of the numbers, nor on how they are divided among machines:
/// each number is rounded to a multiple of 2^-56, and the multiples are added as integers. A number of 2^-33 or more
/// loses nothing. A sum is High x 2^-24 + Low x 2^-56; it must stay below 2^39.
/// </summary>
public sealed class FixedSums
{
    private const double Units = 1L << 56;
    private const double LowUnits = 1L << 32;

    private long[] _high = [];
    private long[] _low = [];

    /// <summary>Makes all sums 0.</summary>
    /// <param name="count">How many there are.</param>
    public void Clear(int count)
    {
        if (_high.Length < count)
        {
            (_high, _low) = (new long[count], new long[count]);
        }

        _high.AsSpan(0, count).Clear();
        _low.AsSpan(0, count).Clear();
    }

    /// <summary>Adds to a sum.</summary>
    /// <param name="at">Which.</param>
    /// <param name="value">Finite.</param>
    /// <exception cref="OverflowException">The sum is too large.</exception>
    public void Add(int at, float value)
    {
        // Exact but for the first rounding: a float has 24 bits.
        var units = Math.Round(value * Units);
        var high = Math.Floor(units / LowUnits);
        _high[at] = checked(_high[at] + (long)high);
        _low[at] += (long)(units - (high * LowUnits));
    }

    /// <summary>Adds another sum to a sum.</summary>
    /// <exception cref="OverflowException">The sum is too large.</exception>
    public void Add(int at, long high, uint low)
    {
        _high[at] = checked(_high[at] + high);
        _low[at] += low;
    }

    /// <summary>Makes one sum 0.</summary>
    public void Reset(int at) => _high[at] = _low[at] = 0;

    /// <summary>The upper part of a sum.</summary>
    public long High(int at) => checked(_high[at] + (_low[at] >> 32));

    /// <summary>The lower part of a sum.</summary>
    public uint Low(int at) => (uint)_low[at];

    /// <summary>A sum divided by a number of values, rounded to fp32.</summary>
    public float Mean(int at, long count) => (float)((High(at) + (Low(at) / LowUnits)) / (count * (Units / LowUnits)));
}
