using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Profiles;

/// <summary>
/// Distinct ages in whole days, 0..511: one bit each. Sums over it go by ascending age, so they do not depend on how it
/// was filled.
/// </summary>
internal struct AgeSet
{
    private Words _words;

    /// <summary>Distinct ages.</summary>
    public readonly int Count
    {
        get
        {
            var count = 0;
            foreach (var word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>Adds an age, 0..511.</summary>
    public void Add(int age) => _words[age >> 6] |= 1ul << age;

    /// <summary>Makes it empty.</summary>
    public void Clear() => _words = default;

    /// <summary>The sum of <paramref name="byAge"/> over the ages.</summary>
    public readonly double Sum(ReadOnlySpan<double> byAge)
    {
        var sum = 0.0;
        for (var i = 0; i < (PreferenceTerms.MaximumAge + 1) / 64; i++)
        {
            for (var word = _words[i]; word != 0; word &= word - 1)
            {
                sum += byAge[(i * 64) + BitOperations.TrailingZeroCount(word)];
            }
        }

        return sum;
    }

    [InlineArray((PreferenceTerms.MaximumAge + 1) / 64)]
    private struct Words
    {
        private ulong _first;
    }
}
