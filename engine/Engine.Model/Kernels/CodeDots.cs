using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Engine.Model.Kernels;

/// <summary>
/// Integer dot products of one coded query with the 64 rows of a block. Integers are exact, so every path gives the same
/// numbers. x86 multiplies unsigned by signed bytes, adds pairs in 16 bits (at most 2 x 255 x 64, which fits) and pairs of
/// those in 32; Arm has the whole step as one signed instruction after the offset of 128 is flipped away.
/// </summary>
internal static unsafe class CodeDots
{
    /// <summary>
    /// How far ahead codes are asked for. One block does not hide main memory (5M rows: 30 ms, 26 ms with three), and three
    /// cost a search that skips blocks (1M products) 5 %.
    /// </summary>
    private const int BlocksAhead = 2;

    private const int QuadBytes = RowCodes.BlockRows * 4;

    /// <summary>Writes 64 sums of q c.</summary>
    /// <param name="block">The block's bytes, quads x 256.</param>
    /// <param name="query">The query's codes, four to an int.</param>
    /// <param name="quads">Number of quads.</param>
    /// <param name="offset">-128 times the sum of the query's codes.</param>
    /// <param name="dots">Receives 64 sums; 64-byte aligned or not.</param>
    public static void Compute(byte* block, int* query, int quads, int offset, int* dots)
    {
        if (Avx512BW.IsSupported)
        {
            Avx512(block, query, quads, offset, dots);
        }
        else if (Avx2.IsSupported)
        {
            Avx2Half(block, query, quads, offset, dots);
            Avx2Half(block + (QuadBytes / 2), query, quads, offset, dots + 32);
        }
        else if (Ssse3.IsSupported)
        {
            for (var part = 0; part < 4; part++)
            {
                Ssse3Quarter(block + (part * 64), query, quads, offset, dots + (part * 16));
            }
        }
        else if (Dp.IsSupported)
        {
            for (var part = 0; part < 4; part++)
            {
                ArmQuarter(block + (part * 64), query, quads, dots + (part * 16));
            }
        }
        else
        {
            Plain(block, query, quads, dots);
        }
    }

    /// <summary>The twin: the definition.</summary>
    public static void Plain(byte* block, int* query, int quads, int* dots)
    {
        for (var row = 0; row < RowCodes.BlockRows; row++)
        {
            var sum = 0;
            for (var k = 0; k < quads * 4; k++)
            {
                sum += (block[(k / 4 * QuadBytes) + (row * 4) + (k % 4)] - 128) * ((sbyte*)query)[k];
            }

            dots[row] = sum;
        }
    }

    internal static void Avx512(byte* block, int* query, int quads, int offset, int* dots)
    {
        Avx512(block, query, quads, offset, out var a, out var b, out var c, out var d);
        a.Store(dots);
        b.Store(dots + 16);
        c.Store(dots + 32);
        d.Store(dots + 48);
    }

    /// <summary>Four accumulators of 16 rows, left in registers; one broadcast of the query serves 256 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Avx512(
        byte* block,
        int* query,
        int quads,
        int offset,
        out Vector512<int> rows0,
        out Vector512<int> rows16,
        out Vector512<int> rows32,
        out Vector512<int> rows48)
    {
        var ones = Vector512.Create((short)1);
        var a = Vector512.Create(offset);
        Vector512<int> b = a, c = a, d = a;
        var next = (nint)quads * QuadBytes * BlocksAhead;
        for (var k = 0; k < quads; k++, block += QuadBytes)
        {
            // The same quad two blocks on, most likely to be read soon. Past the end a prefetch does nothing.
            Sse.Prefetch0(block + next);
            Sse.Prefetch0(block + next + 64);
            Sse.Prefetch0(block + next + 128);
            Sse.Prefetch0(block + next + 192);
            var q = Vector512.Create(query[k]).AsSByte();
            a += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(block), q), ones);
            b += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(block + 64), q), ones);
            c += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(block + 128), q), ones);
            d += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(block + 192), q), ones);
        }

        (rows0, rows16, rows32, rows48) = (a, b, c, d);
    }

    /// <summary>Four accumulators of 8 rows: half a block.</summary>
    internal static void Avx2Half(byte* block, int* query, int quads, int offset, int* dots)
    {
        var ones = Vector256.Create((short)1);
        var a = Vector256.Create(offset);
        Vector256<int> b = a, c = a, d = a;
        for (var k = 0; k < quads; k++, block += QuadBytes)
        {
            var q = Vector256.Create(query[k]).AsSByte();
            a += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(block), q), ones);
            b += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(block + 32), q), ones);
            c += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(block + 64), q), ones);
            d += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(block + 96), q), ones);
        }

        a.Store(dots);
        b.Store(dots + 8);
        c.Store(dots + 16);
        d.Store(dots + 24);
    }

    /// <summary>Four accumulators of 4 rows: a quarter of a block.</summary>
    internal static void Ssse3Quarter(byte* block, int* query, int quads, int offset, int* dots)
    {
        var ones = Vector128.Create((short)1);
        var a = Vector128.Create(offset);
        Vector128<int> b = a, c = a, d = a;
        for (var k = 0; k < quads; k++, block += QuadBytes)
        {
            var q = Vector128.Create(query[k]).AsSByte();
            a += Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(Vector128.Load(block), q), ones);
            b += Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(Vector128.Load(block + 16), q), ones);
            c += Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(Vector128.Load(block + 32), q), ones);
            d += Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(Vector128.Load(block + 48), q), ones);
        }

        a.Store(dots);
        b.Store(dots + 4);
        c.Store(dots + 8);
        d.Store(dots + 12);
    }

    /// <summary>Flipping the top bit of q + 128 gives q itself as a signed byte, so no offset is taken back.</summary>
    private static void ArmQuarter(byte* block, int* query, int quads, int* dots)
    {
        var flip = Vector128.Create((byte)128);
        Vector128<int> a = default, b = default, c = default, d = default;
        for (var k = 0; k < quads; k++, block += QuadBytes)
        {
            var q = Vector128.Create(query[k]).AsSByte();
            a = Dp.DotProduct(a, (Vector128.Load(block) ^ flip).AsSByte(), q);
            b = Dp.DotProduct(b, (Vector128.Load(block + 16) ^ flip).AsSByte(), q);
            c = Dp.DotProduct(c, (Vector128.Load(block + 32) ^ flip).AsSByte(), q);
            d = Dp.DotProduct(d, (Vector128.Load(block + 48) ^ flip).AsSByte(), q);
        }

        a.Store(dots);
        b.Store(dots + 4);
        c.Store(dots + 8);
        d.Store(dots + 12);
    }
}
