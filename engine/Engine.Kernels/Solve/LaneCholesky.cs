using System.Runtime.Intrinsics;

namespace Engine.Kernels.Solve;

/// <summary>
/// Eight symmetric positive definite systems of one order at a time, lane s of every vector belonging to system s.
/// Every lane does what <see cref="Cholesky"/> does, in the same order, so the bits agree; here nothing waits for the
/// square root of a single pivot.
/// </summary>
internal static unsafe class LaneCholesky
{
    private const int Lanes = 8;

    /// <summary>Vectors from row to row: room for the tiles that reach over the edge, and odd, so that a column does
    /// not fall on a few sets of the cache.</summary>
    public static int Stride(int order) => (order + LaneTile.Rows + LaneTile.Columns) | 1;

    /// <summary>Vectors that a system takes: the rows of the last tile included.</summary>
    public static int Size(int order) => (order + LaneTile.Rows) * Stride(order);

    /// <summary>Four rows of M = P P^T, from the diagonal on.</summary>
    /// <param name="panel">
    /// Row i, element k at <c>8 (i width + k)</c>; finite for <see cref="LaneTile.Rows"/> rows beyond the order.
    /// </param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="order">Rows.</param>
    /// <param name="i">The first of the four, a multiple of 4.</param>
    /// <param name="m">Element (i,j) at <c>8 (i Stride(order) + j)</c>.</param>
    public static void SquareBand(float* panel, int width, int order, int i, float* m)
    {
        nint stride = Lanes * Stride(order), row = Lanes * (nint)width;
        LaneTile.Triangle(panel + (i * row), row, Lanes, width, m + (i * stride) + (Lanes * i), stride, false);
        for (var j = i + LaneTile.Rows; j < order; j += LaneTile.Columns)
        {
            LaneTile.Rectangle(
                panel + (i * row), panel + (j * row), row, Lanes, width, m + (i * stride) + (Lanes * j), stride, false);
        }
    }

    /// <summary>
    /// Adds 1 to the diagonals, the rows of the last tile included, where it keeps pivots away from 0.
    /// </summary>
    public static void AddIdentity(float* m, int order)
    {
        nint next = Lanes * (Stride(order) + 1);
        for (var i = 0; i < ((order + 3) & ~3); i++)
        {
            (Vector256.Load(m + (i * next)) + Vector256<float>.One).Store(m + (i * next));
        }
    }

    /// <summary>Overwrites the upper triangle of M by U, M = U^T U.</summary>
    /// <param name="m">P P^T + I, as <see cref="SquareBand"/> and <see cref="AddIdentity"/> leave it.</param>
    /// <param name="order">Rows.</param>
    /// <param name="inverse">Receives 1/U[i,i], up to the next multiple of 4.</param>
    public static void Factor(float* m, int order, float* inverse)
    {
        nint stride = Lanes * Stride(order);
        for (var i = 0; i < order; i += LaneTile.Rows)
        {
            float* rows = m + (i * stride), above = m + (Lanes * i), corner = rows + (Lanes * i);
            LaneTile.Triangle(above, Lanes, stride, i, corner, stride, true);
            FactorCorner(corner, stride, inverse + (Lanes * i));
            for (var j = i + LaneTile.Rows; j < order; j += LaneTile.Columns)
            {
                LaneTile.Rectangle(above, m + (Lanes * j), Lanes, stride, i, rows + (Lanes * j), stride, true);
                for (var c = j; c < j + LaneTile.Columns; c++)
                {
                    Column(corner, stride, inverse + (Lanes * i), rows + (Lanes * c), stride);
                }
            }
        }
    }

    /// <summary>Overwrites b by U^-T b; b holds zeros up to the next multiple of 4.</summary>
    public static void Forward(float* m, int order, float* inverse, float* b)
    {
        nint stride = Lanes * Stride(order);
        for (var i = 0; i < order; i += LaneTile.Rows)
        {
            var (b0, b1) = (Vector256.Load(b + (Lanes * i)), Vector256.Load(b + (Lanes * i) + 8));
            var (b2, b3) = (Vector256.Load(b + (Lanes * i) + 16), Vector256.Load(b + (Lanes * i) + 24));
            var u = m + (Lanes * i);
            for (var k = 0; k < i; k++, u += stride)
            {
                var y = -Vector256.Load(b + (Lanes * k));
                b0 = Vector256.FusedMultiplyAdd(y, Vector256.Load(u), b0);
                b1 = Vector256.FusedMultiplyAdd(y, Vector256.Load(u + 8), b1);
                b2 = Vector256.FusedMultiplyAdd(y, Vector256.Load(u + 16), b2);
                b3 = Vector256.FusedMultiplyAdd(y, Vector256.Load(u + 24), b3);
            }

            b0.Store(b + (Lanes * i));
            b1.Store(b + (Lanes * i) + 8);
            b2.Store(b + (Lanes * i) + 16);
            b3.Store(b + (Lanes * i) + 24);
            Column(u, stride, inverse + (Lanes * i), b + (Lanes * i), Lanes);
        }
    }

    /// <summary>
    /// Overwrites y by U^-1 y. A row's sum runs in eight sums (column mod 8), folded as <see cref="LaneMath.Dot"/>
    /// does.
    /// </summary>
    public static void Backward(float* m, int order, float* inverse, float* y)
    {
        nint stride = Lanes * Stride(order);
        var sums = stackalloc Vector256<float>[8];
        for (var i = order - 1; i >= 0; i--)
        {
            new Span<Vector256<float>>(sums, 8).Clear();
            var u = m + (i * stride);
            for (var j = i + 1; j < order; j++)
            {
                sums[j & 7] = Vector256.FusedMultiplyAdd(
                    Vector256.Load(u + (Lanes * j)), Vector256.Load(y + (Lanes * j)), sums[j & 7]);
            }

            var sum = sums[0] + sums[4] + (sums[2] + sums[6]) + (sums[1] + sums[5] + (sums[3] + sums[7]));
            ((Vector256.Load(y + (Lanes * i)) - sum) * Vector256.Load(inverse + (Lanes * i))).Store(y + (Lanes * i));
        }
    }

    // U of a 4 x 4 diagonal block: scales row r by its pivot and takes it out of the rows below.
    private static void FactorCorner(float* c, nint stride, float* inverse)
    {
        for (var r = 0; r < 4; r++, c += stride + Lanes)
        {
            var scale = Vector256<float>.One / Vector256.Sqrt(Vector256.Load(c));
            scale.Store(inverse + (Lanes * r));
            for (var j = 0; j < 4 - r; j++)
            {
                (Vector256.Load(c + (Lanes * j)) * scale).Store(c + (Lanes * j));
            }

            for (var i = 1; i < 4 - r; i++)
            {
                var factor = -Vector256.Load(c + (Lanes * i));
                for (var j = i; j < 4 - r; j++)
                {
                    var target = c + (i * stride) + (Lanes * j);
                    Vector256.FusedMultiplyAdd(factor, Vector256.Load(c + (Lanes * j)), Vector256.Load(target))
                        .Store(target);
                }
            }
        }
    }

    // c = U^-T c for the 4 x 4 corner U and one column of four.
    private static void Column(float* u, nint stride, float* inverse, float* c, nint step)
    {
        var c0 = Vector256.Load(c) * Vector256.Load(inverse);
        var c1 = Vector256.FusedMultiplyAdd(-Vector256.Load(u + 8), c0, Vector256.Load(c + step))
            * Vector256.Load(inverse + 8);
        var c2 = Vector256.FusedMultiplyAdd(-Vector256.Load(u + 16), c0, Vector256.Load(c + (2 * step)));
        c2 = Vector256.FusedMultiplyAdd(-Vector256.Load(u + stride + 16), c1, c2) * Vector256.Load(inverse + 16);
        var c3 = Vector256.FusedMultiplyAdd(-Vector256.Load(u + 24), c0, Vector256.Load(c + (3 * step)));
        c3 = Vector256.FusedMultiplyAdd(-Vector256.Load(u + stride + 24), c1, c3);
        c3 = Vector256.FusedMultiplyAdd(-Vector256.Load(u + (2 * stride) + 24), c2, c3) * Vector256.Load(inverse + 24);
        c0.Store(c);
        c1.Store(c + step);
        c2.Store(c + (2 * step));
        c3.Store(c + (3 * step));
    }
}
