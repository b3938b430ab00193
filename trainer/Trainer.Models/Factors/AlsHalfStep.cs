using Engine;
using Engine.Kernels.Solve;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>Solves every row of one side exactly, given the other side in its eigenbasis.</summary>
public static class AlsHalfStep
{
    private const int GroupsPerPiece = 16;

    /// <summary>Overwrites all rows of <paramref name="solved"/>.</summary>
    /// <param name="matrix">
    /// One row per row of <paramref name="solved"/>, one column per row of <paramref name="other"/>.
    /// </param>
    /// <param name="other">The side that stays, rotated by <see cref="Gramian.Diagonalize"/>.</param>
    /// <param name="spectrum">The eigenvalues which that returned.</param>
    /// <param name="solved">
    /// Receives the rows; their order and the order of the columns within a row fix every bit.
    /// </param>
    /// <param name="options">The loss; threads change the time only.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <returns>The loss without the regularization of the other side.</returns>
    /// <exception cref="InputException">A row came out as NaN or infinity.</exception>
    public static double Solve(
        InteractionMatrix matrix,
        FactorMatrix other,
        double[] spectrum,
        FactorMatrix solved,
        AlsOptions options,
        RunContext run)
    {
        var groups = new RowGroups(matrix, solved.Factors);
        var heavy = new LongRows(matrix, solved.Factors);
        var losses = new double[matrix.RowCount];
        var settings = options.ForOtherSide(other.RowCount);
        Workers.Run(
            heavy.Pieces + ((groups.Count - heavy.Count + GroupsPerPiece - 1) / GroupsPerPiece),
            run,
            () => (
                Single: new RowSolver(spectrum, settings),
                Batch: new RowBatchSolver(spectrum, settings),
                Ahead: new RowPrefetch()),
            (solvers, piece) =>
            {
                if (piece < heavy.Pieces)
                {
                    if (heavy.Run(piece, solvers.Single, other, solved, losses) is >= 0 and var row)
                    {
                        RequireFinite(matrix, [row], losses);
                    }

                    return;
                }

                // Long rows are the first groups.
                var first = heavy.Count + ((piece - heavy.Pieces) * GroupsPerPiece);
                var end = Math.Min(groups.Count, first + GroupsPerPiece);
                for (var group = first; group < end; group++)
                {
                    var rows = groups.Rows(group);
                    solvers.Ahead.Clear();
                    if (group + 1 < end)
                    {
                        solvers.Ahead.Take(Batch(matrix, groups.Rows(group + 1)));
                        RowPrefetch.Announce(Batch(matrix, groups.Rows(Math.Min(group + 2, end - 1))));
                    }

                    if (rows.Length == 1)
                    {
                        losses[rows[0]] = solvers.Single.Solve(
                            other.Values,
                            other.Stride,
                            matrix.RowColumns(rows[0]),
                            matrix.RowWeights(rows[0]),
                            solved.PaddedRow(rows[0]),
                            solvers.Ahead);
                    }
                    else
                    {
                        solvers.Batch.Solve(
                            other.Values, other.Stride, Batch(matrix, rows), solved.Values, losses, solvers.Ahead);
                    }

                    RequireFinite(matrix, rows, losses);
                }
            });
        double sum = 0;
        foreach (var loss in losses)
        {
            sum += loss;
        }

        return sum;
    }

    private static RowBatch Batch(InteractionMatrix matrix, ReadOnlySpan<int> rows) =>
        new(matrix.Offsets, matrix.Columns, matrix.Weights, rows);

    private static void RequireFinite(InteractionMatrix matrix, ReadOnlySpan<int> rows, double[] losses)
    {
        foreach (var row in rows)
        {
            if (!double.IsFinite(losses[row]))
            {
                throw new InputException(
                    $"row {row} with {matrix.RowLength(row)} observations has no finite solution: "
                    + "raise the regularization or lower the weights");
            }
        }
    }
}
