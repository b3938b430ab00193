using System.Runtime.CompilerServices;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// One number that carries a score and an ordinal, ordered as answers are: ascending keys are descending scores, and
/// equal scores ascend by ordinal. The upper 32 bits hold the score's bits, made monotone and inverted; the lower 32
/// the ordinal. A NaN (only possible when factors of absurd size overflow) ranks behind every number.
/// </summary>
public static class RankKey
{
    /// <summary>Behind every possible entry.</summary>
    public const ulong Last = ulong.MaxValue;

    /// <summary>The key of a score (not a negative zero) and an ordinal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pack(float score, int ordinal)
    {
        var bits = BitConverter.SingleToInt32Bits(score);
        // Negative floats descend as their bits ascend; flipping all but the sign of positive ones makes both so.
        var descending = bits < 0 ? (uint)bits : (uint)bits ^ 0x7FFF_FFFFu;
        descending = float.IsNaN(score) ? uint.MaxValue : descending;
        return ((ulong)descending << 32) | (uint)ordinal;
    }

    /// <summary>The score within a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(ulong key)
    {
        var descending = (int)(key >> 32);
        return BitConverter.Int32BitsToSingle(descending < 0 ? descending : descending ^ 0x7FFF_FFFF);
    }

    /// <summary>The ordinal within a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Ordinal(ulong key) => (int)key;
}
