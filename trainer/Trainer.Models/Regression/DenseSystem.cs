namespace Trainer.Models.Regression;

/// <summary>
/// A small symmetric positive definite system of equations, by Cholesky's method in double precision.
/// </summary>
internal static class DenseSystem
{
    /// <summary>The x of A x = b.</summary>
    /// <param name="matrix">n x n, row-major; only the lower triangle is read.</param>
    /// <param name="right">n.</param>
    public static double[] Solve(double[] matrix, double[] right)
    {
        var n = right.Length;
        var lower = (double[])matrix.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = lower[(i * n) + j];
                for (var k = 0; k < j; k++)
                {
                    sum -= lower[(i * n) + k] * lower[(j * n) + k];
                }

                // A pivot that rounding made negative means "no information": such a direction gets a huge pivot, so no
                // step.
                lower[(i * n) + j] = i != j ? sum / lower[(j * n) + j] : sum > 0 ? Math.Sqrt(sum) : 1e150;
            }
        }

        var x = (double[])right.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
            {
                x[i] -= lower[(i * n) + k] * x[k];
            }

            x[i] /= lower[(i * n) + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
            {
                x[i] -= lower[(k * n) + i] * x[k];
            }

            x[i] /= lower[(i * n) + i];
        }

        return x;
    }
}
