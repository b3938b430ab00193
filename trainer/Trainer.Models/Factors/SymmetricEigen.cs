using System.Numerics;

namespace Trainer.Models.Factors;

/// <summary>
/// All eigenvalues and eigenvectors of a symmetric matrix: Householder reduction to tridiagonal form, then implicit QL
/// (Bowdler, Martin, Reinsch and Wilkinson 1968, EISPACK tred2 and tql2). Vectors are kept as rows so that every inner
/// loop is contiguous. Eigenvalues come out in descending order; the component of greatest magnitude of each vector is
/// positive.
/// </summary>
public static class SymmetricEigen
{
    private const int MaximumSweeps = 60;

    // From this sweep on, elements at the rounding level of the whole matrix count as 0: between eigenvalues that are
    // themselves rounding errors (factors that a strong regularization has emptied), an element may never fall below
    // its neighbors' precision.
    private const int PatientSweeps = 30;
    private const double Precision = 1.1e-16;

    // The square of a shorter column underflows. The products of fp32 factors are 0 or far above it.
    private const double LeastNorm = 1e-150;

    /// <summary>Decomposes A = V^T diag(values) V, the eigenvectors being the rows of V.</summary>
    /// <param name="matrix">n x n, row-major, both triangles filled, finite.</param>
    /// <param name="n">The order.</param>
    /// <returns>The eigenvalues, descending, and V (n x n, row-major).</returns>
    /// <exception cref="InvalidOperationException">No convergence: the matrix is not finite.</exception>
    public static (double[] Values, double[] Vectors) Decompose(ReadOnlySpan<double> matrix, int n)
    {
        var a = matrix[..(n * n)].ToArray();
        var diagonal = new double[n];
        var off = new double[n];
        var q = Tridiagonalize(a, n, diagonal, off);
        ImplicitQl(n, diagonal, off, q);
        return Order(n, diagonal, q);
    }

    // A -> H_k ... H_1 A H_1 ... H_k, reflectors v stored in the rows of a; returns Q^T with rows ready for the
    // rotations.
    private static double[] Tridiagonalize(double[] a, int n, double[] diagonal, double[] off)
    {
        var p = new double[n];
        var betas = new double[n];
        for (var k = 0; k + 2 < n; k++)
        {
            // The reflector of column k lives in a's row k, columns k+1..; by symmetry row k is column k.
            var v = a.AsSpan((k * n) + k + 1, n - k - 1);
            var norm = Math.Sqrt(Dot(v, v));
            if (norm < LeastNorm)
            {
                continue;
            }

            var alpha = v[0] > 0 ? -norm : norm;
            off[k] = alpha;
            v[0] -= alpha;
            var beta = 2 / Dot(v, v);
            betas[k] = beta;
            var rest = p.AsSpan(k + 1, n - k - 1);
            for (var i = k + 1; i < n; i++)
            {
                rest[i - k - 1] = beta * Dot(a.AsSpan((i * n) + k + 1, n - k - 1), v);
            }

            Axpy(-beta / 2 * Dot(rest, v), v, rest);
            for (var i = k + 1; i < n; i++)
            {
                var row = a.AsSpan((i * n) + k + 1, n - k - 1);
                Axpy(-v[i - k - 1], rest, row);
                Axpy(-rest[i - k - 1], v, row);
            }
        }

        if (n > 1)
        {
            off[n - 2] = a[((n - 2) * n) + n - 1];
        }

        for (var i = 0; i < n; i++)
        {
            diagonal[i] = a[(i * n) + i];
        }

        // Q = H_0 H_1 ...; its transpose, built from the last reflector back, stays the identity outside the active
        // block.
        var q = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            q[(i * n) + i] = 1;
        }

        for (var k = n - 3; k >= 0; k--)
        {
            var v = a.AsSpan((k * n) + k + 1, n - k - 1);
            for (var i = k + 1; i < n && betas[k] != 0; i++)
            {
                var row = q.AsSpan((i * n) + k + 1, n - k - 1);
                Axpy(-betas[k] * Dot(row, v), v, row);
            }
        }

        return q;
    }

    // Rotates off-diagonals away; each rotation mixes two neighboring rows of q.
    private static void ImplicitQl(int n, double[] d, double[] e, double[] q)
    {
        double norm = 0;
        for (var i = 0; i < n; i++)
        {
            norm = Math.Max(norm, Math.Abs(d[i]) + Math.Abs(e[i]));
        }

        for (var l = 0; l < n; l++)
        {
            for (var sweep = 0; ; sweep++)
            {
                var m = l;
                var least = sweep < PatientSweeps ? double.Epsilon : Precision * norm;
                while (m < n - 1 && Math.Abs(e[m]) > least + (Precision * (Math.Abs(d[m]) + Math.Abs(d[m + 1]))))
                {
                    m++;
                }

                if (m == l)
                {
                    break;
                }

                if (sweep == MaximumSweeps || !double.IsFinite(d[l]))
                {
                    throw new InvalidOperationException(
                        $"eigenvalue {l} of {n} does not converge: the matrix is not finite");
                }

                Sweep(n, l, m, d, e, q);
            }
        }
    }

    private static void Sweep(int n, int l, int m, double[] d, double[] e, double[] q)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        var r = Math.Sqrt((g * g) + 1);
        g = d[m] - d[l] + (e[l] / (g + Math.CopySign(r, g)));
        double s = 1, c = 1, p = 0;
        for (var i = m - 1; i >= l; i--)
        {
            var f = s * e[i];
            var b = c * e[i];
            r = Math.Sqrt((f * f) + (g * g));
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }

            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
            Rotate(q.AsSpan(i * n, n), q.AsSpan((i + 1) * n, n), c, s);
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    private static (double[] Values, double[] Vectors) Order(int n, double[] d, double[] q)
    {
        var order = Enumerable.Range(0, n).OrderByDescending(i => d[i]).ThenBy(i => i).ToArray();
        var values = new double[n];
        var vectors = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            values[i] = d[order[i]];
            var source = q.AsSpan(order[i] * n, n);
            var target = vectors.AsSpan(i * n, n);
            var sign = Math.Sign(source[System.Numerics.Tensors.TensorPrimitives.IndexOfMaxMagnitude(source)]);
            for (var j = 0; j < n; j++)
            {
                target[j] = sign * source[j];
            }
        }

        return (values, vectors);
    }

    private static void Rotate(Span<double> low, Span<double> high, double c, double s)
    {
        var j = 0;
        var (vc, vs) = (new Vector<double>(c), new Vector<double>(s));
        for (; j <= low.Length - Vector<double>.Count; j += Vector<double>.Count)
        {
            var x = new Vector<double>(low[j..]);
            var y = new Vector<double>(high[j..]);
            ((vs * x) + (vc * y)).CopyTo(high[j..]);
            ((vc * x) - (vs * y)).CopyTo(low[j..]);
        }

        for (; j < low.Length; j++)
        {
            var (x, y) = (low[j], high[j]);
            high[j] = (s * x) + (c * y);
            low[j] = (c * x) - (s * y);
        }
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y) =>
        System.Numerics.Tensors.TensorPrimitives.Dot(x, y);

    private static void Axpy(double factor, ReadOnlySpan<double> x, Span<double> y) =>
        System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(x, factor, y, y);
}
