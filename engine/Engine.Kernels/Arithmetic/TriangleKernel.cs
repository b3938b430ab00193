using System.Runtime.Intrinsics;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// C = U^-T C for an 8 x 8 upper triangle U and a tile of 8 rows by 16 columns held in registers: row r is multiplied
/// by 1/U[r,r], then taken out of every row below, U[r,b] times.
/// </summary>
internal static unsafe class TriangleKernel
{
    /// <param name="u">U, 8 x 8 row-major.</param>
    /// <param name="inverse">1/U[r,r], 8 of them.</param>
    /// <param name="band">Eight rows of a matrix.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="left">The first column, a multiple of 8.</param>
    /// <param name="width">The end of the columns, a multiple of 16.</param>
    public static void Apply(float* u, float* inverse, float* band, nint stride, int left, int width)
    {
        if (left % TileKernel.Columns != 0)
        {
            Apply256(u, inverse, band + left, stride);
            left += 8;
        }

        for (; left < width; left += TileKernel.Columns)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Apply512(u, inverse, band + left, stride);
            }
            else
            {
                Apply256(u, inverse, band + left, stride);
                Apply256(u, inverse, band + left + 8, stride);
            }
        }
    }

    private static void Apply512(float* u, float* inverse, float* c, nint cRow)
    {
        var c0 = Vector512.Load(c);
        var c1 = Vector512.Load(c + cRow);
        var c2 = Vector512.Load(c + (2 * cRow));
        var c3 = Vector512.Load(c + (3 * cRow));
        var c4 = Vector512.Load(c + (4 * cRow));
        var c5 = Vector512.Load(c + (5 * cRow));
        var c6 = Vector512.Load(c + (6 * cRow));
        var c7 = Vector512.Load(c + (7 * cRow));
        c0 *= Vector512.Create(inverse[0]);
        c1 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[1]), c0, c1);
        c2 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[2]), c0, c2);
        c3 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[3]), c0, c3);
        c4 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[4]), c0, c4);
        c5 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[5]), c0, c5);
        c6 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[6]), c0, c6);
        c7 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[7]), c0, c7);
        c1 *= Vector512.Create(inverse[1]);
        c2 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[10]), c1, c2);
        c3 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[11]), c1, c3);
        c4 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[12]), c1, c4);
        c5 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[13]), c1, c5);
        c6 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[14]), c1, c6);
        c7 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[15]), c1, c7);
        c2 *= Vector512.Create(inverse[2]);
        c3 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[19]), c2, c3);
        c4 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[20]), c2, c4);
        c5 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[21]), c2, c5);
        c6 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[22]), c2, c6);
        c7 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[23]), c2, c7);
        c3 *= Vector512.Create(inverse[3]);
        c4 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[28]), c3, c4);
        c5 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[29]), c3, c5);
        c6 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[30]), c3, c6);
        c7 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[31]), c3, c7);
        c4 *= Vector512.Create(inverse[4]);
        c5 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[37]), c4, c5);
        c6 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[38]), c4, c6);
        c7 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[39]), c4, c7);
        c5 *= Vector512.Create(inverse[5]);
        c6 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[46]), c5, c6);
        c7 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[47]), c5, c7);
        c6 *= Vector512.Create(inverse[6]);
        c7 = Vector512.FusedMultiplyAdd(Vector512.Create(-u[55]), c6, c7);
        c7 *= Vector512.Create(inverse[7]);
        c0.Store(c);
        c1.Store(c + cRow);
        c2.Store(c + (2 * cRow));
        c3.Store(c + (3 * cRow));
        c4.Store(c + (4 * cRow));
        c5.Store(c + (5 * cRow));
        c6.Store(c + (6 * cRow));
        c7.Store(c + (7 * cRow));
    }

    private static void Apply256(float* u, float* inverse, float* c, nint cRow)
    {
        var c0 = Vector256.Load(c);
        var c1 = Vector256.Load(c + cRow);
        var c2 = Vector256.Load(c + (2 * cRow));
        var c3 = Vector256.Load(c + (3 * cRow));
        var c4 = Vector256.Load(c + (4 * cRow));
        var c5 = Vector256.Load(c + (5 * cRow));
        var c6 = Vector256.Load(c + (6 * cRow));
        var c7 = Vector256.Load(c + (7 * cRow));
        c0 *= Vector256.Create(inverse[0]);
        c1 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[1]), c0, c1);
        c2 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[2]), c0, c2);
        c3 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[3]), c0, c3);
        c4 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[4]), c0, c4);
        c5 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[5]), c0, c5);
        c6 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[6]), c0, c6);
        c7 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[7]), c0, c7);
        c1 *= Vector256.Create(inverse[1]);
        c2 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[10]), c1, c2);
        c3 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[11]), c1, c3);
        c4 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[12]), c1, c4);
        c5 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[13]), c1, c5);
        c6 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[14]), c1, c6);
        c7 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[15]), c1, c7);
        c2 *= Vector256.Create(inverse[2]);
        c3 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[19]), c2, c3);
        c4 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[20]), c2, c4);
        c5 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[21]), c2, c5);
        c6 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[22]), c2, c6);
        c7 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[23]), c2, c7);
        c3 *= Vector256.Create(inverse[3]);
        c4 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[28]), c3, c4);
        c5 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[29]), c3, c5);
        c6 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[30]), c3, c6);
        c7 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[31]), c3, c7);
        c4 *= Vector256.Create(inverse[4]);
        c5 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[37]), c4, c5);
        c6 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[38]), c4, c6);
        c7 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[39]), c4, c7);
        c5 *= Vector256.Create(inverse[5]);
        c6 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[46]), c5, c6);
        c7 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[47]), c5, c7);
        c6 *= Vector256.Create(inverse[6]);
        c7 = Vector256.FusedMultiplyAdd(Vector256.Create(-u[55]), c6, c7);
        c7 *= Vector256.Create(inverse[7]);
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
