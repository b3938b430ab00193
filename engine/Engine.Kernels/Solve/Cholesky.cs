using System.Runtime.Intrinsics;
using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Solve;

/// <summary>
/// Solves a symmetric positive definite fp32 system by A = U^T U, blocked by 8 rows so that all but the 8 x 8 diagonal
/// blocks runs in <see cref="TileKernel"/>. Element (i,j) is the chain A[i,j] - U[0,i] U[0,j] - U[1,i] U[1,j] - ...
/// with k ascending, then times 1/sqrt(pivot): the same bits on every instruction set.
/// </summary>
internal static unsafe class Cholesky
{
    /// <summary>Overwrites the upper triangle of <paramref name="m"/> by U.</summary>
    /// <param name="m">
    /// Row-major; <paramref name="stride"/> a multiple of 16; rows and columns from the order up to the next multiple
    /// of 16 hold anything finite. Elements left of the diagonal, 8 x 8 blocks apart, are neither read nor written.
    /// </param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="order">Rows of the system, at least 1.</param>
    /// <param name="inverse">Receives 1/U[i,i] for every row, up to the next multiple of 8.</param>
    public static void Factor(float* m, int stride, int order, float* inverse)
    {
        var width = (order + 15) & ~15;
        var block = stackalloc float[8 * 8];
        for (var top = 0; top < order; top += TileKernel.Rows)
        {
            var rows = m + ((nint)top * stride);
            if (top > 0)
            {
                UpperProduct.Band(m, stride, top, top, width, rows, stride, TileMode.Subtract);
            }

            FactorDiagonal(rows + top, stride, block, inverse + top);
            TriangleKernel.Apply(block, inverse + top, rows, stride, top, width);
        }
    }

    /// <summary>
    /// A^-1 b from the factor. Backward sums run in 8 lanes (column mod 8), folded as <see cref="LaneMath.Dot"/> does.
    /// </summary>
    /// <param name="m">The factor.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="order">Rows of the system.</param>
    /// <param name="inverse">1/U[i,i].</param>
    /// <param name="b">The right side, padded to a multiple of 16; receives the solution, 0 in the padding.</param>
    /// <param name="scratch">As long as b.</param>
    public static void Solve(float* m, int stride, int order, float* inverse, float* b, float* scratch)
    {
        var width = (order + 15) & ~15;
        for (var i = 0; i < order; i++)
        {
            // From the vector that holds i + 1 on; what stands before i + 1 in it is not needed any more.
            var y = b[i] * inverse[i];
            scratch[i] = y;
            var first = (i + 1) & ~7;
            LaneMath.Axpy(-y, m + ((nint)i * stride) + first, b + first, width - first);
        }

        new Span<float>(b, width).Clear();
        for (var i = order - 1; i >= 0; i--)
        {
            // b is still zero at and below i, so whatever stands left of the diagonal adds nothing.
            var first = i & ~7;
            var sum = LaneMath.Dot(m + ((nint)i * stride) + first, b + first, width - first);
            b[i] = (scratch[i] - sum) * inverse[i];
        }
    }

    // U of the 8 x 8 diagonal block, into scratch: scales row r by its pivot and takes it out of the rows below.
    private static void FactorDiagonal(float* diagonal, int stride, float* block, float* inverse)
    {
        for (var r = 0; r < 8; r++)
        {
            Vector256.Load(diagonal + ((nint)r * stride)).Store(block + (8 * r));
        }

        for (var r = 0; r < 8; r++)
        {
            var scale = 1f / MathF.Sqrt(block[(8 * r) + r]);
            inverse[r] = scale;
            var row = Vector256.Load(block + (8 * r)) * Vector256.Create(scale);
            row.Store(block + (8 * r));
            for (var below = r + 1; below < 8; below++)
            {
                var factor = Vector256.Create(-block[(8 * r) + below]);
                Vector256.FusedMultiplyAdd(factor, row, Vector256.Load(block + (8 * below))).Store(block + (8 * below));
            }
        }
    }
}
