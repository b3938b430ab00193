using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// Insertion into a short ascending array, without branches: where k is inserted and the last entry falls out, entry i
/// becomes min(old[i], max(old[i-1], k)). Free places hold <see cref="RankKey.Last"/>.
/// </summary>
internal static class SortedKeys
{
    /// <summary>Above this a heap does less work.</summary>
    private const int Longest = 128;

    /// <summary>
    /// Whether insertion beats a heap for so many entries; it needs 64-bit unsigned minimum and maximum.
    /// </summary>
    public static bool Pays(int count) => Avx512F.IsSupported && count is > 0 and <= Longest;

    /// <summary>Inserts one key and drops the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Insert(Span<ulong> keys, ulong key)
    {
        ref var first = ref MemoryMarshal.GetReference(keys);
        var i = keys.Length - 1;
        // From the end, so that old[i-1] is still old: first what is left beside whole vectors of eight.
        for (; i >= (keys.Length & ~7); i--)
        {
            keys[i] = Math.Min(keys[i], i == 0 ? key : Math.Max(keys[i - 1], key));
        }

        var inserted = Vector512.Create(key);
        var current = i < 0 ? default : Vector512.LoadUnsafe(ref first, (nuint)(i - 7));
        for (i -= 7; i >= 0; i -= 8)
        {
            // Old entries i-1 .. i+6: the last of the vector before and seven of this one; 0 stands before the first.
            var before = i == 0 ? Vector512<ulong>.Zero : Vector512.LoadUnsafe(ref first, (nuint)(i - 8));
            var shifted = Avx512F.AlignRight64(current, before, 7);
            Vector512.Min(current, Vector512.Max(shifted, inserted)).StoreUnsafe(ref first, (nuint)i);
            current = before;
        }
    }
}
