namespace Engine.Kernels.Arithmetic;

/// <summary>
/// Sorts keys by counting, 11 bits at a time from the lowest: passes without comparisons, so without branches to guess.
/// Digits that all keys share cost one look.
/// </summary>
public static class RadixSort
{
    /// <summary>Ints of working memory.</summary>
    public const int Counts = Digits * Values;

    private const int Bits = 11;
    private const int Values = 1 << Bits;
    private const int Digits = (64 + Bits - 1) / Bits;

    /// <summary>Sorts ascending.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="spare">As many keys; contents undefined before and after.</param>
    /// <param name="counts">Working memory, <see cref="Counts"/> ints; contents undefined.</param>
    /// <returns>The sorted keys: <paramref name="keys"/> or <paramref name="spare"/>.</returns>
    public static Span<ulong> Sort(Span<ulong> keys, Span<ulong> spare, Span<int> counts)
    {
        spare = spare[..keys.Length];
        counts = counts[..Counts];
        counts.Clear();
        foreach (var key in keys)
        {
            for (var digit = 0; digit < Digits; digit++)
            {
                counts[(digit * Values) + Digit(key, digit)]++;
            }
        }

        for (var digit = 0; digit < Digits; digit++)
        {
            var places = counts.Slice(digit * Values, Values);
            if (keys.Length == 0 || places[Digit(keys[0], digit)] == keys.Length)
            {
                continue;
            }

            var next = 0;
            foreach (ref var place in places)
            {
                (place, next) = (next, next + place);
            }

            foreach (var key in keys)
            {
                spare[places[Digit(key, digit)]++] = key;
            }

            var sorted = spare;
            spare = keys;
            keys = sorted;
        }

        return keys;
    }

    private static int Digit(ulong key, int digit) => (int)(key >> (digit * Bits)) & (Values - 1);
}
