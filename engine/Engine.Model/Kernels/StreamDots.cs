using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Model.Kernels;

/// <summary>
/// <see cref="ColumnDots"/> for a pass over all blocks in order. The processor's own prefetch follows such a pass better than
/// instructions can (320 MB: 10.5 ms without them, 12.3 with, a plain read 10.1). A pass waits for memory most of the time,
/// which is used to count the scores of the block before: done between the multiplications a histogram is free; done after
/// them it costs 70 %.
/// </summary>
internal static unsafe class StreamDots
{
    /// <summary>Histograms side by side, so that equal bins in neighbouring rows do not wait for each other.</summary>
    public const int Histograms = 4;

    /// <summary>Ints of one histogram.</summary>
    public const int Bins = AudienceCurve.Thresholds + 1;

    /// <summary>Fours of places in a block.</summary>
    private const int Fours = RowCodes.BlockRows / Histograms;

    /// <summary>64 sums of q c in 16 bits, as two vectors of 32 rows, and 64 places counted. Only where AVX-512 is.</summary>
    /// <param name="block">The block's bytes.</param>
    /// <param name="pairs">The query's pairs of columns.</param>
    /// <param name="count">Their number.</param>
    /// <param name="offset">What takes the offset of the rows' bytes back.</param>
    /// <param name="places">64 bins to count, or null.</param>
    /// <param name="bins"><see cref="Histograms"/> histograms of <see cref="Bins"/>.</param>
    /// <param name="low">Rows 0 to 31.</param>
    /// <param name="high">Rows 32 to 63.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Avx512(
        byte* block, ColumnPair* pairs, int count, short offset, ushort* places, int* bins, out Vector512<short> low, out Vector512<short> high)
    {
        var rows0 = Vector512.Create(offset);
        var rows32 = rows0;
        var fours = places == null ? 0 : Fours;
        for (var i = 0; i < count; i++)
        {
            var codes = Vector512.Create(pairs[i].Codes).AsSByte();
            ColumnDots.Multiply(block + pairs[i].First, block + pairs[i].Second, codes, ref rows0, ref rows32);
            if (i < fours)
            {
                CountFour(places, i, bins);
            }
        }

        Count(places, count, bins);
        (low, high) = (rows0, rows32);
    }

    /// <summary>Counts places from the <paramref name="first"/> four on.</summary>
    public static void Count(ushort* places, int first, int* bins)
    {
        for (var four = first; four < Fours && places != null; four++)
        {
            CountFour(places, four, bins);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CountFour(ushort* places, int four, int* bins)
    {
        var packed = ((ulong*)places)[four];
        bins[(ushort)packed]++;
        bins[Bins + (ushort)(packed >> 16)]++;
        bins[(2 * Bins) + (ushort)(packed >> 32)]++;
        bins[(3 * Bins) + (int)(packed >> 48)]++;
    }
}
