namespace Engine.Kernels.Arithmetic;

/// <summary>
/// The upper triangle of C (+/-)= A^T B for a band of 8 rows, tile by tile from the diagonal to the right.
/// </summary>
internal static unsafe class UpperProduct
{
    /// <summary>C = A^T A for all rows.</summary>
    /// <param name="a">steps x width, row-major: every pair of columns is multiplied and summed over the steps.</param>
    /// <param name="aStride">Floats from step to step.</param>
    /// <param name="steps">Rows of A.</param>
    /// <param name="rows">Rows of C that are wanted; computed up to the next multiple of 8.</param>
    /// <param name="width">Columns of C, a multiple of 16.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">Floats from row to row of C.</param>
    public static void Square(float* a, nint aStride, int steps, int rows, int width, float* c, nint cStride)
    {
        for (var top = 0; top < rows; top += TileKernel.Rows)
        {
            Band(a, aStride, steps, top, width, c + (top * cStride), cStride, TileMode.Set);
        }
    }

    /// <summary>
    /// One band: C's rows top .. top + 7 against A's columns top .. top + 7, columns from the diagonal on.
    /// </summary>
    public static void Band(
        float* a, nint aStride, int steps, int top, int width, float* band, nint cStride, TileMode mode)
    {
        var left = top;
        if (top % TileKernel.Columns != 0)
        {
            HalfTileKernel.Multiply(a + top, aStride, 1, a + top, aStride, steps, band + top, cStride, mode);
            left += TileKernel.Columns / 2;
        }

        for (; left < width; left += TileKernel.Columns)
        {
            TileKernel.Multiply(a + top, aStride, 1, a + left, aStride, steps, band + left, cStride, mode);
        }
    }
}
