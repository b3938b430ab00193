namespace Trainer.Data.Generate;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every machine and runtime.</summary>
internal static class SplitMix64
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>The next number of the sequence that a state begins.</summary>
    public static ulong Next(ref ulong state) => Mix(state += Step);

    /// <summary>The first number of the sequence that a seed begins: a hash of the seed.</summary>
    public static ulong Hash(ulong seed) => Mix(seed + Step);

    /// <summary>The finalizer alone; 0 stays 0.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
