using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Solve;

/// <summary>
/// Register tiles of eight systems at a time, lane s of every vector belonging to system s: 4 rows by 3 columns, and
/// the upper triangle of 4 by 4 on the diagonal. Each lane runs the chain of <see cref="TileKernel"/>, k ascending, so
/// a system's bits do not depend on its neighbors.
/// </summary>
/// <remarks>12 sums, 3 columns and 1 row fill the 16 registers that AVX2 has; 7 loads feed 12 multiply-adds.</remarks>
internal static unsafe class LaneTile
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 4;

    /// <summary>Columns of a tile off the diagonal.</summary>
    public const int Columns = 3;

    /// <summary>
    /// C[r,c] = sum over k of A[k,r] B[k,c] (subtract: C - the sum). A vector of A stands at <c>a + k step + r
    /// aRow</c>, of B at <c>b + k step + c aRow</c>, of C at <c>c + r cRow + 8 c</c>; all distances in floats.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rectangle(float* a, float* b, nint row, nint step, int steps, float* c, nint cRow, bool subtract)
    {
        Vector256<float> c00, c01, c02, c10, c11, c12, c20, c21, c22, c30, c31, c32;
        c00 = c01 = c02 = c10 = c11 = c12 = c20 = c21 = c22 = c30 = c31 = c32 = Vector256<float>.Zero;
        float* x1 = c + cRow, x2 = c + (2 * cRow), x3 = c + (3 * cRow);
        if (subtract)
        {
            (c00, c01, c02) = (Vector256.Load(c), Vector256.Load(c + 8), Vector256.Load(c + 16));
            (c10, c11, c12) = (Vector256.Load(x1), Vector256.Load(x1 + 8), Vector256.Load(x1 + 16));
            (c20, c21, c22) = (Vector256.Load(x2), Vector256.Load(x2 + 8), Vector256.Load(x2 + 16));
            (c30, c31, c32) = (Vector256.Load(x3), Vector256.Load(x3 + 8), Vector256.Load(x3 + 16));
        }

        var sign = Vector256.Create(subtract ? -0f : 0f);
        nint row2 = 2 * row, row3 = 3 * row;
        for (var k = 0; k < steps; k++)
        {
            var b0 = Vector256.Load(b) ^ sign;
            var b1 = Vector256.Load(b + row) ^ sign;
            var b2 = Vector256.Load(b + row2) ^ sign;
            var v = Vector256.Load(a);
            c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(v, b1, c01);
            c02 = Vector256.FusedMultiplyAdd(v, b2, c02);
            v = Vector256.Load(a + row);
            c10 = Vector256.FusedMultiplyAdd(v, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(v, b1, c11);
            c12 = Vector256.FusedMultiplyAdd(v, b2, c12);
            v = Vector256.Load(a + row2);
            c20 = Vector256.FusedMultiplyAdd(v, b0, c20);
            c21 = Vector256.FusedMultiplyAdd(v, b1, c21);
            c22 = Vector256.FusedMultiplyAdd(v, b2, c22);
            v = Vector256.Load(a + row3);
            c30 = Vector256.FusedMultiplyAdd(v, b0, c30);
            c31 = Vector256.FusedMultiplyAdd(v, b1, c31);
            c32 = Vector256.FusedMultiplyAdd(v, b2, c32);
            a += step;
            b += step;
        }

        c00.Store(c);
        c01.Store(c + 8);
        c02.Store(c + 16);
        c10.Store(x1);
        c11.Store(x1 + 8);
        c12.Store(x1 + 16);
        c20.Store(x2);
        c21.Store(x2 + 8);
        c22.Store(x2 + 16);
        c30.Store(x3);
        c31.Store(x3 + 8);
        c32.Store(x3 + 16);
    }

    /// <summary>As <see cref="Rectangle"/> with A = B, for the elements on and above the diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Triangle(float* a, nint row, nint step, int steps, float* c, nint cRow, bool subtract)
    {
        Vector256<float> c00, c01, c02, c03, c11, c12, c13, c22, c23, c33;
        c00 = c01 = c02 = c03 = c11 = c12 = c13 = c22 = c23 = c33 = Vector256<float>.Zero;
        float* x1 = c + cRow + 8, x2 = c + (2 * cRow) + 16, x3 = c + (3 * cRow) + 24;
        if (subtract)
        {
            (c00, c01, c02, c03) =
                (Vector256.Load(c), Vector256.Load(c + 8), Vector256.Load(c + 16), Vector256.Load(c + 24));
            (c11, c12, c13) = (Vector256.Load(x1), Vector256.Load(x1 + 8), Vector256.Load(x1 + 16));
            (c22, c23, c33) = (Vector256.Load(x2), Vector256.Load(x2 + 8), Vector256.Load(x3));
        }

        var sign = Vector256.Create(subtract ? -0f : 0f);
        nint row2 = 2 * row, row3 = 3 * row;
        for (var k = 0; k < steps; k++)
        {
            var v0 = Vector256.Load(a);
            var v1 = Vector256.Load(a + row);
            var v2 = Vector256.Load(a + row2);
            var v3 = Vector256.Load(a + row3);
            c00 = Vector256.FusedMultiplyAdd(v0, v0 ^ sign, c00);
            var n = v1 ^ sign;
            c01 = Vector256.FusedMultiplyAdd(v0, n, c01);
            c11 = Vector256.FusedMultiplyAdd(v1, n, c11);
            n = v2 ^ sign;
            c02 = Vector256.FusedMultiplyAdd(v0, n, c02);
            c12 = Vector256.FusedMultiplyAdd(v1, n, c12);
            c22 = Vector256.FusedMultiplyAdd(v2, n, c22);
            n = v3 ^ sign;
            c03 = Vector256.FusedMultiplyAdd(v0, n, c03);
            c13 = Vector256.FusedMultiplyAdd(v1, n, c13);
            c23 = Vector256.FusedMultiplyAdd(v2, n, c23);
            c33 = Vector256.FusedMultiplyAdd(v3, n, c33);
            a += step;
        }

        c00.Store(c);
        c01.Store(c + 8);
        c02.Store(c + 16);
        c03.Store(c + 24);
        c11.Store(x1);
        c12.Store(x1 + 8);
        c13.Store(x1 + 16);
        c22.Store(x2);
        c23.Store(x2 + 8);
        c33.Store(x3);
    }
}
