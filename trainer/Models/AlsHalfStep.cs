using Engine.Model;
using Engine.Model.Kernels;

namespace Trainer.Models;

/// <summary>Solves every row of one side exactly, given the other side in its eigenbasis.</summary>
public static class AlsHalfStep
{
    private const int RowsPerPiece = 64;

    /// <summary>Overwrites all rows of <paramref name="solved"/>.</summary>
    /// <param name="matrix">One row per row of <paramref name="solved"/>, one column per row of <paramref name="other"/>.</param>
    /// <param name="other">The side that stays, rotated by <see cref="Gramian.Diagonalize"/>.</param>
    /// <param name="spectrum">The eigenvalues which that returned.</param>
    /// <param name="solved">Receives the rows; their order and the order of the columns within a row fix every bit.</param>
    /// <param name="options">The loss; threads change the time only.</param>
    /// <param name="cancellation">Stops between rows.</param>
    /// <returns>The loss without the regularisation of the other side.</returns>
    /// <exception cref="InputException">A row came out as NaN or infinity.</exception>
    public static double Solve(
        InteractionMatrix matrix,
        FactorMatrix other,
        double[] spectrum,
        FactorMatrix solved,
        AlsOptions options,
        CancellationToken cancellation = default)
    {
        var order = matrix.LongestRowsFirst;
        var losses = new double[matrix.RowCount];
        var pieces = (order.Length + RowsPerPiece - 1) / RowsPerPiece;
        Workers.Run(
            pieces,
            options.Threads,
            () => new RowSolver(spectrum, options.ForOtherSide(other.RowCount)),
            (solver, piece) =>
            {
                foreach (var row in order.AsSpan(piece * RowsPerPiece, Math.Min(RowsPerPiece, order.Length - (piece * RowsPerPiece))))
                {
                    losses[row] = solver.Solve(
                        other.Values, other.Stride, matrix.RowColumns(row), matrix.RowWeights(row), solved.PaddedRow(row));
                    if (!double.IsFinite(losses[row]))
                    {
                        throw new InputException(
                            $"row {row} with {matrix.RowLength(row)} observations has no finite solution: "
                            + "raise the regularisation or lower the weights");
                    }
                }
            },
            cancellation);
        double sum = 0;
        foreach (var loss in losses)
        {
            sum += loss;
        }

        return sum;
    }
}
