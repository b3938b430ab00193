namespace Engine.Kernels.Arithmetic;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): a generator of 64-bit numbers, and the hash of one number. Equal on every
/// platform.
/// </summary>
public static class SplitMix64
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    /// <summary>The next number of the sequence that <paramref name="state"/> is in.</summary>
    public static ulong Next(ref ulong state) => Mix(state += Increment);

    /// <summary>The first number of the sequence of a seed: a hash of the seed.</summary>
    public static ulong Hash(ulong seed) => Mix(seed + Increment);

    /// <summary>The mixing step alone; it maps 0 to 0.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
