using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>The parts of the ALS loss (see <see cref="AlsOptions"/>), in fp64.</summary>
public static class AlsLoss
{
    // Rows that are summed together; partial sums are added in order, whatever the number of threads.
    private const int RowsPerPiece = 1 << 14;

    /// <summary>lam sum over rows (n + a0 N)^nu |row|^2 for one side.</summary>
    public static double Regularization(
        InteractionMatrix matrix, FactorMatrix factors, AlsOptions options, RunContext run)
    {
        var solver = options.ForOtherSide(matrix.ColumnCount);
        return Pieces(factors, run, (rows, start) =>
        {
            double sum = 0;
            for (var row = 0; row < rows; row++)
            {
                sum += solver.RowRegularization(matrix.RowLength(start + row)) * SquaredNorm(factors.Row(start + row));
            }

            return sum;
        }).Sum();
    }

    /// <summary>a0 sum over all pairs (x.y)^2 = a0 sum over k of spectrum[k] |x's column k|^2.</summary>
    public static double Unobserved(FactorMatrix users, double[] itemSpectrum, AlsOptions options, RunContext run)
    {
        var columns = new double[users.Stride];
        var pieces = Pieces(users, run, (rows, start) =>
        {
            var squares = new double[users.Stride];
            for (var row = start; row < start + rows; row++)
            {
                AddSquares(users.PaddedRow(row), squares);
            }

            return squares;
        });
        foreach (var squares in pieces)
        {
            TensorPrimitives.Add(columns, squares, columns);
        }

        double sum = 0;
        for (var k = 0; k < itemSpectrum.Length; k++)
        {
            sum += Math.Max(0, itemSpectrum[k]) * columns[k];
        }

        return options.UnobservedWeight * sum;
    }

    private static T[] Pieces<T>(FactorMatrix factors, RunContext run, Func<int, int, T> sum)
    {
        var parts = new T[(factors.RowCount + RowsPerPiece - 1) / RowsPerPiece];
        Workers.Run(parts.Length, run, piece =>
        {
            var start = piece * RowsPerPiece;
            parts[piece] = sum(Math.Min(RowsPerPiece, factors.RowCount - start), start);
        });
        return parts;
    }

    private static void AddSquares(ReadOnlySpan<float> row, Span<double> squares)
    {
        for (var k = 0; k < row.Length; k += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(row[k..]));
            (Vector256.Create<double>(squares[k..]) + (low * low)).CopyTo(squares[k..]);
            (Vector256.Create<double>(squares[(k + 4)..]) + (high * high)).CopyTo(squares[(k + 4)..]);
        }
    }

    private static double SquaredNorm(ReadOnlySpan<float> row)
    {
        var (sums, k) = (Vector256<double>.Zero, 0);
        for (; k <= row.Length - 8; k += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(row[k..]));
            sums = sums + (low * low) + (high * high);
        }

        var sum = sums[0] + sums[1] + sums[2] + sums[3];
        foreach (var x in row[k..])
        {
            sum += (double)x * x;
        }

        return sum;
    }
}
