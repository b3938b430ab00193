using System.Runtime.CompilerServices;

namespace Engine.Model.Kernels;

/// <summary>Selection by radix: two passes over the bits of the numbers, whatever their order, and no copy.</summary>
internal static class KthLargest
{
    /// <summary>Ints of working memory.</summary>
    public const int Counts = 1 << 16;

    /// <summary>The number that is in place <paramref name="k"/> when they descend.</summary>
    /// <param name="values">No NaN among them.</param>
    /// <param name="k">1..length.</param>
    /// <param name="counts">Working memory, <see cref="Counts"/> ints; contents undefined.</param>
    public static float Find(ReadOnlySpan<float> values, int k, Span<int> counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, values.Length);
        counts = counts[..Counts];
        counts.Clear();
        foreach (var value in values)
        {
            counts[(int)(Place(value) >> 16)]++;
        }

        var upper = Walk(counts, ref k);
        counts.Clear();
        foreach (var value in values)
        {
            var place = Place(value);
            counts[(int)(place & 0xFFFF)] += place >> 16 == upper ? 1 : 0;
        }

        return RankKey.Score((((ulong)upper << 16) | Walk(counts, ref k)) << 32);
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
