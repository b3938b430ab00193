using System.Numerics;
using Engine.Kernels.Arithmetic;

namespace Trainer.Data.Generate;

/// <summary>
/// xoshiro256** (Blackman and Vigna 2018), seeded through SplitMix64: the same numbers on every machine and runtime,
/// and an independent stream for every (seed, stream) pair, so that one user's rows do not depend on another's.
/// </summary>
internal sealed class Prng
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    public Prng(ulong seed, ulong stream)
    {
        var state = seed ^ (stream * 0x9E3779B97F4A7C15);
        _a = SplitMix64.Next(ref state);
        _b = SplitMix64.Next(ref state);
        _c = SplitMix64.Next(ref state);
        _d = SplitMix64.Next(ref state);
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 .. bound - 1.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>Standard normal (Box and Muller 1958).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>Log-normal with a mean of 1.</summary>
    public double Spread(double sigma) => Math.Exp((sigma * Normal()) - (sigma * sigma / 2));

    /// <summary>How many failures before a success; mean as given.</summary>
    public int Geometric(double mean) => (int)(Math.Log(1 - Unit()) / Math.Log(mean / (1 + mean)));
}
