using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Codes;

namespace Engine.Kernels.Scan;

/// <summary>
/// <see cref="ColumnDots"/> for a pass over all blocks in order, four at a time: four streams, which the processor's
/// own prefetch follows better than instructions can (all that were tried slowed it down). A pass waits
/// for memory most of the time, which is used to count the scores of the blocks before: done between the
/// multiplications a histogram is nearly free; done after them it costs 70 %.
/// </summary>
internal static unsafe class StreamDots
{
    /// <summary>Blocks of a call.</summary>
    public const int Group = 4;

    /// <summary>Rows of a call.</summary>
    public const int Rows = Group * RowCodes.BlockRows;

    /// <summary>Histograms side by side, so that equal bins in neighboring rows do not wait for each other.</summary>
    public const int Histograms = 4;

    /// <summary>Ints of one histogram.</summary>
    public const int Bins = AudienceCurve.Thresholds + 1;

    /// <summary>Places counted at a time.</summary>
    private const int Eight = 2 * Histograms;

    /// <summary>Sums of q c in 16 bits for the rows of four blocks, while as many places are counted.</summary>
    /// <param name="block">The first block's bytes.</param>
    /// <param name="blockBytes">Bytes from one block to the next.</param>
    /// <param name="pairs">The query's pairs of columns.</param>
    /// <param name="count">Their number.</param>
    /// <param name="places">The bins to count, one a row, or null.</param>
    /// <param name="bins"><see cref="Histograms"/> histograms of <see cref="Bins"/>.</param>
    /// <param name="sums">Receives the sums, by row.</param>
    public static void Add(
        byte* block, nint blockBytes, ColumnPair* pairs, int count, ushort* places, int* bins, short* sums)
    {
        if (Avx512BW.IsSupported)
        {
            Avx512(block, blockBytes, pairs, count, places, bins, sums);
            return;
        }

        new Span<short>(sums, Rows).Clear();
        for (var i = 0; i < Group; i++)
        {
            ColumnDots.Add(block + (i * blockBytes), pairs, count, sums + (i * RowCodes.BlockRows));
        }

        Count(places, 0, bins);
    }

    /// <summary>Counts places from number <paramref name="first"/> on, if there are any.</summary>
    public static void Count(ushort* places, int first, int* bins)
    {
        for (var at = first; at < Rows && places != null; at += Eight)
        {
            CountEight(places + at, bins);
        }
    }

    /// <summary>
    /// A method of its own, which calls none within its loops: the JIT keeps a sum that lives across a call on the
    /// stack, also within the loop, where a vector that lies across two cache lines, as it did in every other process,
    /// doubles the time of the pass.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Avx512(
        byte* block, nint blockBytes, ColumnPair* pairs, int count, ushort* places, int* bins, short* sums)
    {
        var counted = places == null ? Rows : 0;
        for (var part = 0; part < Group; part++, block += blockBytes, sums += RowCodes.BlockRows)
        {
            Vector512<short> low = default, high = default;
            for (var i = 0; i < count; i++)
            {
                var codes = Vector512.Create(pairs[i].Codes).AsSByte();
                ColumnDots.Multiply(block + pairs[i].First, block + pairs[i].Second, codes, ref low, ref high);
                if ((i & 3) == 0 && counted < Rows)
                {
                    CountEight(places + counted, bins);
                    counted += Eight;
                }
            }

            low.Store(sums);
            high.Store(sums + 32);
        }

        Count(places, counted, bins);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CountEight(ushort* places, int* bins)
    {
        CountFour(((ulong*)places)[0], bins);
        CountFour(((ulong*)places)[1], bins);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CountFour(ulong places, int* bins)
    {
        bins[(ushort)places]++;
        bins[Bins + (ushort)(places >> 16)]++;
        bins[(2 * Bins) + (ushort)(places >> 32)]++;
        bins[(3 * Bins) + (int)(places >> 48)]++;
    }
}
