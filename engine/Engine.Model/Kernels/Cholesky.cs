namespace Engine.Model.Kernels;

/// <summary>
/// Solves a symmetric positive definite fp32 system by A = U^T U, blocked by 8 rows so that all but the 8 x 8 diagonal
/// blocks runs in <see cref="TileKernel"/>. Element (i,j) is the chain A[i,j] - U[0,i] U[0,j] - U[1,i] U[1,j] - ... with k
/// ascending, then times 1/sqrt(pivot): the same bits on every instruction set.
/// </summary>
internal static unsafe class Cholesky
{
    /// <summary>Overwrites the upper triangle of <paramref name="m"/> by U.</summary>
    /// <param name="m">
    /// Row-major; <paramref name="stride"/> a multiple of 16; rows and columns from the order up to the next multiple of 16
    /// hold the identity. Elements left of the diagonal within a tile are overwritten by meaningless finite numbers.
    /// </param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="order">Rows of the system, at least 1.</param>
    /// <param name="inverse">Receives 1/U[i,i] for every row of the padded order.</param>
    public static void Factor(float* m, int stride, int order, float* inverse)
    {
        var width = (order + 15) & ~15;
        for (var top = 0; top < order; top += TileKernel.Rows)
        {
            var rows = m + ((nint)top * stride);
            for (var left = top & ~15; left < width; left += TileKernel.Columns)
            {
                if (top > 0)
                {
                    TileKernel.Multiply(m + top, stride, 1, m + left, stride, top, rows + left, stride, TileMode.Subtract);
                }
            }

            FactorBlock(rows, stride, top, width, inverse + top);
        }
    }

    /// <summary>
    /// x = A^-1 b from the factor. <paramref name="b"/> is overwritten; <paramref name="x"/> has the padded order and is zero
    /// beyond the order. Backward sums run in 8 lanes (column mod 8), folded 8, 4, 2, 1.
    /// </summary>
    public static void Solve(float* m, int stride, int order, float* inverse, float* b, float* x)
    {
        var width = (order + 15) & ~15;
        for (var i = 0; i < order; i++)
        {
            // b[j] -= y_i U[i,j] for the rest of the row, from the vector that holds i + 1.
            var y = b[i] * inverse[i];
            var row = m + ((nint)i * stride);
            b[i] = y;
            var first = (i + 1) & ~7;
            for (var j = i + 1; j < first + 8 && j < width; j++)
            {
                b[j] = MathF.FusedMultiplyAdd(-y, row[j], b[j]);
            }

            LaneMath.Axpy(-y, row + first + 8, b + first + 8, width - first - 8);
        }

        new Span<float>(x, width).Clear();
        for (var i = order - 1; i >= 0; i--)
        {
            // x is still zero at and below i, so whatever stands left of the diagonal adds nothing.
            var first = i & ~7;
            var sum = LaneMath.Dot(m + ((nint)i * stride) + first, x + first, width - first);
            x[i] = (b[i] - sum) * inverse[i];
        }
    }

    // Rows 0..7 of a block, already reduced by all rows above: scales row r by its pivot and takes it out of the rows below.
    private static void FactorBlock(float* rows, int stride, int top, int width, float* inverse)
    {
        var first = top & ~15;
        for (var r = 0; r < TileKernel.Rows; r++)
        {
            var row = rows + ((nint)r * stride);
            var scale = 1f / MathF.Sqrt(row[top + r]);
            inverse[r] = scale;
            LaneMath.Scale(scale, row + first, width - first);
            for (var below = r + 1; below < TileKernel.Rows; below++)
            {
                LaneMath.Axpy(-row[top + below], row + first, rows + ((nint)below * stride) + first, width - first);
            }
        }
    }
}
