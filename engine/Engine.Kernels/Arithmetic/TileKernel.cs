using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// The one register tile behind Gramians, Cholesky factors, rotations and blocked scoring: 8 rows by 16 columns of
/// fp32, C[r,c] = chain over k of fma(a[k,r], b[k,c], C[r,c]) with k ascending. Each element is its own chain, so the
/// width of the vectors and the shape of the tile do not change a bit of the result.
/// </summary>
internal static unsafe class TileKernel
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>Columns of a tile.</summary>
    public const int Columns = 16;

    /// <summary>
    /// One tile. Element k of row r of A is at <c>a[k * aStep + r * aRow]</c>, the 16 elements k of B at
    /// <c>b + k * bStep</c>, row r of C at <c>c + r * cRow</c>.
    /// </summary>
    /// <remarks>
    /// <see cref="TileMode.Set"/>: C = sum. <see cref="TileMode.Add"/>: C = C + sum, the sum started from zero.
    /// <see cref="TileMode.Subtract"/>: the chain starts from C and subtracts each product.
    /// </remarks>
    public static void Multiply(
        float* a, nint aStep, nint aRow, float* b, nint bStep, int steps, float* c, nint cRow, TileMode mode)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Multiply512(a, aStep, aRow, b, bStep, steps, c, cRow, mode);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Multiply256(a, aStep, aRow, b, bStep, steps, c, cRow, mode);
            Multiply256(a + (4 * aRow), aStep, aRow, b, bStep, steps, c + (4 * cRow), cRow, mode);
        }
        else
        {
            Multiply128(a, aStep, aRow, b, bStep, steps, c, cRow, mode);
        }
    }

    // 8 accumulators of 16 lanes: twice the latency of the fused multiply-add on one 512-bit pipe.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply512(
        float* a, nint aStep, nint aRow, float* b, nint bStep, int steps, float* c, nint cRow, TileMode mode)
    {
        Vector512<float> c0, c1, c2, c3, c4, c5, c6, c7;
        c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = Vector512<float>.Zero;
        var a4 = a + (4 * aRow);
        nint r2 = 2 * aRow, r3 = 3 * aRow;
        if (mode == TileMode.Subtract)
        {
            c0 = Vector512.Load(c);
            c1 = Vector512.Load(c + cRow);
            c2 = Vector512.Load(c + (2 * cRow));
            c3 = Vector512.Load(c + (3 * cRow));
            c4 = Vector512.Load(c + (4 * cRow));
            c5 = Vector512.Load(c + (5 * cRow));
            c6 = Vector512.Load(c + (6 * cRow));
            c7 = Vector512.Load(c + (7 * cRow));
            for (var k = 0; k < steps; k++)
            {
                var v = -Vector512.Load(b);
                c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), v, c0);
                c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[aRow]), v, c1);
                c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[r2]), v, c2);
                c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[r3]), v, c3);
                c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[0]), v, c4);
                c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[aRow]), v, c5);
                c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[r2]), v, c6);
                c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[r3]), v, c7);
                a += aStep;
                a4 += aStep;
                b += bStep;
            }
        }
        else
        {
            for (var k = 0; k < steps; k++)
            {
                var v = Vector512.Load(b);
                c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), v, c0);
                c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[aRow]), v, c1);
                c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[r2]), v, c2);
                c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[r3]), v, c3);
                c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[0]), v, c4);
                c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[aRow]), v, c5);
                c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[r2]), v, c6);
                c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[r3]), v, c7);
                a += aStep;
                a4 += aStep;
                b += bStep;
            }

            if (mode == TileMode.Add)
            {
                c0 += Vector512.Load(c);
                c1 += Vector512.Load(c + cRow);
                c2 += Vector512.Load(c + (2 * cRow));
                c3 += Vector512.Load(c + (3 * cRow));
                c4 += Vector512.Load(c + (4 * cRow));
                c5 += Vector512.Load(c + (5 * cRow));
                c6 += Vector512.Load(c + (6 * cRow));
                c7 += Vector512.Load(c + (7 * cRow));
            }
        }

        c0.Store(c);
        c1.Store(c + cRow);
        c2.Store(c + (2 * cRow));
        c3.Store(c + (3 * cRow));
        c4.Store(c + (4 * cRow));
        c5.Store(c + (5 * cRow));
        c6.Store(c + (6 * cRow));
        c7.Store(c + (7 * cRow));
    }

    // Half a tile: 4 rows by 16 columns, 8 accumulators of the 16 registers that AVX2 has.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply256(
        float* a, nint aStep, nint aRow, float* b, nint bStep, int steps, float* c, nint cRow, TileMode mode)
    {
        Vector256<float> l0, h0, l1, h1, l2, h2, l3, h3;
        l0 = h0 = l1 = h1 = l2 = h2 = l3 = h3 = Vector256<float>.Zero;
        nint r2 = 2 * aRow, r3 = 3 * aRow;
        float* x1 = c + cRow, x2 = c + (2 * cRow), x3 = c + (3 * cRow);
        if (mode == TileMode.Subtract)
        {
            (l0, h0) = (Vector256.Load(c), Vector256.Load(c + 8));
            (l1, h1) = (Vector256.Load(x1), Vector256.Load(x1 + 8));
            (l2, h2) = (Vector256.Load(x2), Vector256.Load(x2 + 8));
            (l3, h3) = (Vector256.Load(x3), Vector256.Load(x3 + 8));
        }

        var sign = Vector256.Create(mode == TileMode.Subtract ? -0f : 0f);
        for (var k = 0; k < steps; k++)
        {
            var low = Vector256.Load(b) ^ sign;
            var high = Vector256.Load(b + 8) ^ sign;
            var v = Vector256.Create(a[0]);
            l0 = Vector256.FusedMultiplyAdd(v, low, l0);
            h0 = Vector256.FusedMultiplyAdd(v, high, h0);
            v = Vector256.Create(a[aRow]);
            l1 = Vector256.FusedMultiplyAdd(v, low, l1);
            h1 = Vector256.FusedMultiplyAdd(v, high, h1);
            v = Vector256.Create(a[r2]);
            l2 = Vector256.FusedMultiplyAdd(v, low, l2);
            h2 = Vector256.FusedMultiplyAdd(v, high, h2);
            v = Vector256.Create(a[r3]);
            l3 = Vector256.FusedMultiplyAdd(v, low, l3);
            h3 = Vector256.FusedMultiplyAdd(v, high, h3);
            a += aStep;
            b += bStep;
        }

        if (mode == TileMode.Add)
        {
            (l0, h0) = (l0 + Vector256.Load(c), h0 + Vector256.Load(c + 8));
            (l1, h1) = (l1 + Vector256.Load(x1), h1 + Vector256.Load(x1 + 8));
            (l2, h2) = (l2 + Vector256.Load(x2), h2 + Vector256.Load(x2 + 8));
            (l3, h3) = (l3 + Vector256.Load(x3), h3 + Vector256.Load(x3 + 8));
        }

        l0.Store(c);
        h0.Store(c + 8);
        l1.Store(x1);
        h1.Store(x1 + 8);
        l2.Store(x2);
        h2.Store(x2 + 8);
        l3.Store(x3);
        h3.Store(x3 + 8);
    }

    // Arm's 128-bit lanes, and every machine without vectors (the runtime then emulates the operations).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply128(
        float* a, nint aStep, nint aRow, float* b, nint bStep, int steps, float* c, nint cRow, TileMode mode)
    {
        var subtract = mode == TileMode.Subtract;
        var sign = Vector128.Create(subtract ? -0f : 0f);
        for (var r = 0; r < Rows; r++, a += aRow, c += cRow)
        {
            var c0 = subtract ? Vector128.Load(c) : Vector128<float>.Zero;
            var c1 = subtract ? Vector128.Load(c + 4) : Vector128<float>.Zero;
            var c2 = subtract ? Vector128.Load(c + 8) : Vector128<float>.Zero;
            var c3 = subtract ? Vector128.Load(c + 12) : Vector128<float>.Zero;
            float* x = a, y = b;
            for (var k = 0; k < steps; k++, x += aStep, y += bStep)
            {
                var v = Vector128.Create(x[0]) ^ sign;
                c0 = Vector128.FusedMultiplyAdd(v, Vector128.Load(y), c0);
                c1 = Vector128.FusedMultiplyAdd(v, Vector128.Load(y + 4), c1);
                c2 = Vector128.FusedMultiplyAdd(v, Vector128.Load(y + 8), c2);
                c3 = Vector128.FusedMultiplyAdd(v, Vector128.Load(y + 12), c3);
            }

            if (mode == TileMode.Add)
            {
                c0 += Vector128.Load(c);
                c1 += Vector128.Load(c + 4);
                c2 += Vector128.Load(c + 8);
                c3 += Vector128.Load(c + 12);
            }

            c0.Store(c);
            c1.Store(c + 4);
            c2.Store(c + 8);
            c3.Store(c + 12);
        }
    }
}
