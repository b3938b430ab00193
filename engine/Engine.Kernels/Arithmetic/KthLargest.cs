using System.Runtime.CompilerServices;

namespace Engine.Kernels.Arithmetic;

/// <summary>Selection by radix: three passes over the bits of the numbers, whatever their order, and no copy.</summary>
internal static class KthLargest
{
    /// <summary>Ints of working memory, which stay in the core's first cache.</summary>
    public const int Counts = 1 << Bits;

    private const int Bits = 11;

    /// <summary>The number that is in place <paramref name="k"/> when they descend.</summary>
    /// <param name="values">No NaN among them.</param>
    /// <param name="k">1..length.</param>
    /// <param name="counts">Working memory, <see cref="Counts"/> ints; contents undefined.</param>
    public static float Find(ReadOnlySpan<float> values, int k, Span<int> counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, values.Length);
        counts = counts[..Counts];
        var found = 0u;
        for (var left = 32; left > 0;)
        {
            // What is left of the 32 bits, 11 of them at a time from the highest; those above must be the ones found.
            var (above, bits) = (left, Math.Min(left, Bits));
            left -= bits;
            counts.Clear();
            foreach (var value in values)
            {
                var place = (ulong)Place(value);
                counts[(int)(place >> left) & ((1 << bits) - 1)] += place >> above == found ? 1 : 0;
            }

            found = (found << bits) | Walk(counts, ref k);
        }

        return RankKey.Score((ulong)found << 32);
    }

    /// <summary>The bucket that holds the k-th number; k becomes its place within the bucket.</summary>
    private static uint Walk(ReadOnlySpan<int> counts, ref int k)
    {
        var bucket = 0;
        for (; counts[bucket] < k; bucket++)
        {
            k -= counts[bucket];
        }

        return (uint)bucket;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Place(float value) => (uint)(RankKey.Pack(value, 0) >> 32);
}
