using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels.Codes;

/// <summary>
/// Adds pairs of columns to the integer dot products of one query with the 64 rows of a block, in 16 bits. x86
/// multiplies unsigned by signed bytes and adds neighbors, at most 2 x 255 x 64 in magnitude, which 16 bits hold. Sums
/// are taken modulo 2^16: the offset of 128 in the rows' bytes makes them pass the range on the way, but once it is
/// taken back, the sum is at most |q| |c| &lt;= 32,767 (see <see cref="CodedQuery"/>), so nothing is lost. Integers are
/// exact: every path gives the same numbers.
/// </summary>
internal static unsafe class ColumnDots
{
    /// <summary>Adds to 64 sums in memory, in the order of the rows.</summary>
    /// <param name="block">The block's bytes, columns x 64, in the order of <see cref="RowCodes.PositionOf"/>.</param>
    /// <param name="pairs">The pairs to add.</param>
    /// <param name="count">Their number.</param>
    /// <param name="sums">64 sums.</param>
    public static void Add(byte* block, ColumnPair* pairs, int count, short* sums)
    {
        if (Avx512BW.IsSupported)
        {
            var (low, high) = (Vector512.Load(sums), Vector512.Load(sums + 32));
            Avx512(block, pairs, count, ref low, ref high);
            low.Store(sums);
            high.Store(sums + 32);
        }
        else if (Avx2.IsSupported)
        {
            Avx2Half(block, pairs, count, sums);
            Avx2Half(block + 32, pairs, count, sums + 16);
        }
        else
        {
            for (var part = 0; part < 4; part++)
            {
                Portable(block + (part * 16), pairs, count, sums + (part * 8));
            }
        }
    }

    /// <summary>
    /// Sets the sums of four blocks: the query's codes are fetched once, and nothing is decided in between.
    /// </summary>
    /// <param name="block">The first block.</param>
    /// <param name="blockBytes">Bytes from one block to the next.</param>
    /// <param name="pairs">The pairs to sum.</param>
    /// <param name="count">Their number.</param>
    /// <param name="sums">4 x 64 sums.</param>
    /// <param name="isFar">
    /// Whether to ask for the same columns of the four blocks that follow: codes in the core's own cache need it not.
    /// </param>
    public static void AddToFour(byte* block, nint blockBytes, ColumnPair* pairs, int count, short* sums, bool isFar)
    {
        if (!Avx512BW.IsSupported)
        {
            new Span<short>(sums, 4 * RowCodes.BlockRows).Clear();
            for (var i = 0; i < 4; i++)
            {
                Add(block + (i * blockBytes), pairs, count, sums + (i * RowCodes.BlockRows));
            }

            return;
        }

        Vector512<short> a0 = default, a1 = default, b0 = default, b1 = default;
        Vector512<short> c0 = default, c1 = default, d0 = default, d1 = default;
        for (var i = 0; i < count; i++)
        {
            var first = block + pairs[i].First;
            var second = block + pairs[i].Second;
            var codes = Vector512.Create(pairs[i].Codes).AsSByte();
            Multiply(first, second, codes, ref a0, ref a1);
            Multiply(first + blockBytes, second + blockBytes, codes, ref b0, ref b1);
            Multiply(first + (2 * blockBytes), second + (2 * blockBytes), codes, ref c0, ref c1);
            Multiply(first + (3 * blockBytes), second + (3 * blockBytes), codes, ref d0, ref d1);
            if (isFar)
            {
                Prefetch(first + (4 * blockBytes), blockBytes);
                Prefetch(second + (4 * blockBytes), blockBytes);
            }
        }

        a0.Store(sums);
        a1.Store(sums + 32);
        b0.Store(sums + 64);
        b1.Store(sums + 96);
        c0.Store(sums + 128);
        c1.Store(sums + 160);
        d0.Store(sums + 192);
        d1.Store(sums + 224);
    }

    /// <summary>The twin: the definition.</summary>
    public static void Plain(byte* block, ColumnPair* pairs, int count, short* sums)
    {
        for (var row = 0; row < RowCodes.BlockRows; row++)
        {
            var at = RowCodes.PositionOf(row);
            for (var i = 0; i < count; i++)
            {
                var pair = pairs[i];
                sums[row] +=
                    (short)((block[pair.First + at] * (sbyte)pair.Codes)
                        + (block[pair.Second + at] * (sbyte)(pair.Codes >> 8)));
            }
        }
    }

    /// <summary>
    /// Sums in registers, rows 0..31 and 32..63: two loads, interleavings, products and additions a pair.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Avx512(
        byte* block, ColumnPair* pairs, int count, ref Vector512<short> low, ref Vector512<short> high)
    {
        var (a, b) = (low, high);
        for (var i = 0; i < count; i++)
        {
            var codes = Vector512.Create(pairs[i].Codes).AsSByte();
            Multiply(block + pairs[i].First, block + pairs[i].Second, codes, ref a, ref b);
        }

        (low, high) = (a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Multiply(
        byte* first, byte* second, Vector512<sbyte> codes, ref Vector512<short> low, ref Vector512<short> high)
    {
        var (x, y) = (Vector512.Load(first), Vector512.Load(second));
        low += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackLow(x, y), codes);
        high += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackHigh(x, y), codes);
    }

    /// <summary>Past the end a prefetch does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* column, nint blockBytes)
    {
        Sse.Prefetch0(column);
        Sse.Prefetch0(column + blockBytes);
        Sse.Prefetch0(column + (2 * blockBytes));
        Sse.Prefetch0(column + (3 * blockBytes));
    }

    /// <summary>Rows 0..15 and 32..47 of what it is given.</summary>
    internal static void Avx2Half(byte* block, ColumnPair* pairs, int count, short* sums)
    {
        var (low, high) = (Vector256.Load(sums), Vector256.Load(sums + 32));
        for (var i = 0; i < count; i++)
        {
            var first = Vector256.Load(block + pairs[i].First);
            var second = Vector256.Load(block + pairs[i].Second);
            var codes = Vector256.Create(pairs[i].Codes).AsSByte();
            low += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(first, second), codes);
            high += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(first, second), codes);
        }

        low.Store(sums);
        high.Store(sums + 32);
    }

    /// <summary>Rows 0..7 and 32..39 of what it is given, on any machine with or without vectors of 128 bits.</summary>
    internal static void Portable(byte* block, ColumnPair* pairs, int count, short* sums)
    {
        var (low, high) = (Vector128.Load(sums), Vector128.Load(sums + 32));
        for (var i = 0; i < count; i++)
        {
            var (firstLow, firstHigh) = Vector128.Widen(Vector128.Load(block + pairs[i].First));
            var (secondLow, secondHigh) = Vector128.Widen(Vector128.Load(block + pairs[i].Second));
            var first = Vector128.Create((short)(sbyte)pairs[i].Codes);
            var second = Vector128.Create((short)(sbyte)(pairs[i].Codes >> 8));
            low += (firstLow.AsInt16() * first) + (secondLow.AsInt16() * second);
            high += (firstHigh.AsInt16() * first) + (secondHigh.AsInt16() * second);
        }

        low.Store(sums);
        high.Store(sums + 32);
    }
}
