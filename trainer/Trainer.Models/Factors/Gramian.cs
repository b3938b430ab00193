using Engine.Kernels.Arithmetic;
using Engine.Kernels.Solve;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>
/// Puts a factor matrix into the eigenbasis of its own Gramian, where F^T F is diagonal. ALS does not change under such
/// a rotation, and every row solve becomes cheaper (see <see cref="RowSolver"/>).
/// </summary>
public static class Gramian
{
    private const int MaximumChunks = 64;
    private const int RowsPerPiece = 1024;

    /// <summary>Rotates <paramref name="factors"/> in place and returns the eigenvalues, descending.</summary>
    public static double[] Diagonalize(FactorMatrix factors, RunContext run)
    {
        var stride = factors.Stride;
        var f = factors.Factors;
        var padded = Compute(factors, run);
        var gram = new double[f * f];
        for (var i = 0; i < f; i++)
        {
            for (var j = i; j < f; j++)
            {
                gram[(i * f) + j] = gram[(j * f) + i] = padded[(i * stride) + j];
            }
        }

        var (values, vectors) = SymmetricEigen.Decompose(gram, f);
        var rotation = new float[stride * stride];
        for (var k = 0; k < f; k++)
        {
            for (var c = 0; c < f; c++)
            {
                rotation[(k * stride) + c] = (float)vectors[(c * f) + k];
            }
        }

        var pieces = (factors.RowCount + RowsPerPiece - 1) / RowsPerPiece;
        Workers.Run(pieces, run, piece =>
        {
            var first = piece * RowsPerPiece;
            var rows = Math.Min(RowsPerPiece, factors.RowCount - first);
            FactorMath.Rotate(factors.Values.AsSpan(first * stride, rows * stride), stride, rotation);
        });
        return values;
    }

    /// <summary>
    /// F^T F, stride x stride, complete for column >= row. Chunks of rows are fixed by the number of rows alone and
    /// added in order, so the number of threads does not change a bit.
    /// </summary>
    public static double[] Compute(FactorMatrix factors, RunContext run)
    {
        var stride = factors.Stride;
        var chunkRows = Math.Max(1024, (factors.RowCount + MaximumChunks - 1) / MaximumChunks);
        var chunks = (factors.RowCount + chunkRows - 1) / chunkRows;
        var partial = new double[chunks][];
        Workers.Run(chunks, run, chunk =>
        {
            var first = chunk * chunkRows;
            var rows = Math.Min(chunkRows, factors.RowCount - first);
            partial[chunk] = new double[stride * stride];
            FactorMath.AddGram(factors.Values.AsSpan(first * stride, rows * stride), stride, partial[chunk]);
        });
        var sum = new double[stride * stride];
        foreach (var part in partial)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(sum, part, sum);
        }

        return sum;
    }
}
