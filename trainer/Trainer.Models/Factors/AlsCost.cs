using Engine.Kernels.Solve;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>
/// Floating-point operations of one epoch, counting only what the method needs: a row of n observations costs
/// n^2 f + n^3/3 + 4 n f by the dual or n f^2 + f^3/3 + 4 n f by the primal, the Gramian f^2 and its rotation 2 f^2 a
/// row. Padding and the halves of symmetric tiles that are discarded do not count.
/// </summary>
public static class AlsCost
{
    /// <summary>
    /// Planned operations per second and thread: a constant, that of a busy machine, so that plans do not depend on the
    /// machine.
    /// </summary>
    internal const double FlopsPerThread = 1.6e10;

    /// <summary>Operations of solving every row of <paramref name="matrix"/>.</summary>
    public static double SolveFlops(InteractionMatrix matrix, int factors) =>
        SolveFlops(Enumerable.Range(0, matrix.RowCount).Select(matrix.RowLength), factors);

    private static double SolveFlops(IEnumerable<int> lengths, int factors)
    {
        double sum = 0;
        foreach (var length in lengths)
        {
            double n = length;
            var (small, large) = RowSolver.IsDual(length, factors) ? (n, (double)factors) : (factors, n);
            sum += n == 0 ? 0 : (small * small * large) + (small * small * small / 3) + (4 * n * factors);
        }

        return sum;
    }

    /// <summary>Operations of the Gramian of <paramref name="rows"/> rows and of their rotation.</summary>
    public static double GramianFlops(int rows, int factors) => 3.0 * rows * factors * factors;

    /// <summary>Seconds that one epoch of ALS is planned to take.</summary>
    public static double EpochSeconds(InteractionMatrix train, int factors, int threads)
    {
        var flops = SolveFlops(train, factors)
            + SolveFlops(train.ColumnCounts(), factors)
            + GramianFlops(train.RowCount + train.ColumnCount, factors)
            + (20.0 * factors * factors * factors);
        return flops / (FlopsPerThread * threads);
    }
}
