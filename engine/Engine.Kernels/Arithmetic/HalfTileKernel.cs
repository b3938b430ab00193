using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// The right half of a <see cref="TileKernel"/> tile: 8 rows by 8 columns, for the lower diagonal block of a 16 x 16
/// one, where the left half lies below the diagonal. The same chains, the same bits.
/// </summary>
internal static unsafe class HalfTileKernel
{
    /// <summary>As <see cref="TileKernel.Multiply"/>, with 8 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        float* a, nint aStep, nint aRow, float* b, nint bStep, int steps, float* c, nint cRow, TileMode mode)
    {
        Vector256<float> c0, c1, c2, c3, c4, c5, c6, c7;
        c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = Vector256<float>.Zero;
        if (mode == TileMode.Subtract)
        {
            c0 = Vector256.Load(c);
            c1 = Vector256.Load(c + cRow);
            c2 = Vector256.Load(c + (2 * cRow));
            c3 = Vector256.Load(c + (3 * cRow));
            c4 = Vector256.Load(c + (4 * cRow));
            c5 = Vector256.Load(c + (5 * cRow));
            c6 = Vector256.Load(c + (6 * cRow));
            c7 = Vector256.Load(c + (7 * cRow));
        }

        var a4 = a + (4 * aRow);
        nint r2 = 2 * aRow, r3 = 3 * aRow;
        var sign = Vector256.Create(mode == TileMode.Subtract ? -0f : 0f);
        for (var k = 0; k < steps; k++)
        {
            var v = Vector256.Load(b) ^ sign;
            c0 = Vector256.FusedMultiplyAdd(Vector256.Create(a[0]), v, c0);
            c1 = Vector256.FusedMultiplyAdd(Vector256.Create(a[aRow]), v, c1);
            c2 = Vector256.FusedMultiplyAdd(Vector256.Create(a[r2]), v, c2);
            c3 = Vector256.FusedMultiplyAdd(Vector256.Create(a[r3]), v, c3);
            c4 = Vector256.FusedMultiplyAdd(Vector256.Create(a4[0]), v, c4);
            c5 = Vector256.FusedMultiplyAdd(Vector256.Create(a4[aRow]), v, c5);
            c6 = Vector256.FusedMultiplyAdd(Vector256.Create(a4[r2]), v, c6);
            c7 = Vector256.FusedMultiplyAdd(Vector256.Create(a4[r3]), v, c7);
            a += aStep;
            a4 += aStep;
            b += bStep;
        }

        if (mode == TileMode.Add)
        {
            c0 += Vector256.Load(c);
            c1 += Vector256.Load(c + cRow);
            c2 += Vector256.Load(c + (2 * cRow));
            c3 += Vector256.Load(c + (3 * cRow));
            c4 += Vector256.Load(c + (4 * cRow));
            c5 += Vector256.Load(c + (5 * cRow));
            c6 += Vector256.Load(c + (6 * cRow));
            c7 += Vector256.Load(c + (7 * cRow));
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
}
