using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>The parts of the ALS loss (see <see cref="AlsOptions"/>), in fp64.</summary>
public static class AlsLoss
{
    // Rows that are summed together; partial sums are added in order, whatever the number of threads.
    private const int RowsPerPiece = 1 << 14;

    /// <summary>lam sum over rows (n + a0 N)^nu |row|^2 for one side.</summary>
    public static double Regularization(InteractionMatrix matrix, FactorMatrix factors, AlsOptions options)
    {
        var solver = options.ForOtherSide(matrix.ColumnCount);
        return Pieces(factors, options.Threads, (rows, start) =>
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
    public static double Unobserved(FactorMatrix users, double[] itemSpectrum, AlsOptions options)
    {
        var columns = new double[users.Stride];
        var pieces = Pieces(users, options.Threads, (rows, start) =>
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

    /// <summary>The whole loss by its definition, for checks: a pass over all observed pairs.</summary>
    public static double Exact(InteractionMatrix interactions, AlsResult model, AlsOptions options)
    {
        double observed = 0;
        for (var user = 0; user < interactions.RowCount; user++)
        {
            var x = model.Users.Row(user);
            var columns = interactions.RowColumns(user);
            var weights = interactions.RowWeights(user);
            for (var e = 0; e < columns.Length; e++)
            {
                double score = 0;
                var y = model.Items.Row(columns[e]);
                for (var k = 0; k < x.Length; k++)
                {
                    score += (double)x[k] * y[k];
                }

                observed += weights[e] * (score - 1) * (score - 1);
            }
        }

        return observed
            + Unobserved(model.Users, model.ItemSpectrum, options)
            + Regularization(interactions, model.Users, options)
            + Regularization(interactions.Transpose(), model.Items, options);
    }

    private static T[] Pieces<T>(FactorMatrix factors, int threads, Func<int, int, T> sum)
    {
        var parts = new T[(factors.RowCount + RowsPerPiece - 1) / RowsPerPiece];
        Workers.Run(parts.Length, threads, () => 0, (_, piece) =>
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
