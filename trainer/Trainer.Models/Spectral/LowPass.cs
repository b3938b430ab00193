using System.Numerics.Tensors;
using Engine;
using Trainer.Data.Running;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Trainer.Models.Spectral;

/// <summary>
/// The ideal low-pass filter of the normalized item graph (GF-CF: Shen et al., "How Powerful is Graph Convolution for
/// Recommendation?", 2021): histories are projected on the greatest singular vectors of the normalized matrix. The
/// vectors come from subspace iteration (Halko, Martinsson and Tropp 2011). The same at any number of threads.
/// </summary>
/// <param name="Users">The projected history of every user.</param>
/// <param name="Items">The vectors of every item, scaled for candidates: a score is a dot product of both.</param>
public sealed record LowPass(FactorMatrix Users, FactorMatrix Items)
{
    private const int RowsPerPiece = 256;

    // Vectors beyond those that are kept: without them the last ones are mixed with what follows.
    private const int Extra = 32;

    // Planned speeds, those of a busy machine; eigenvectors are computed by one thread.
    private const double GatheredBytesPerThread = 2e9;
    private const double EigenFlops = 2e9;

    // Squared lengths this much below the greatest are rounding: such directions are dropped.
    private const double LeastShare = 1e-10;

    /// <summary>Computes the vectors.</summary>
    /// <param name="interactions">Users by items; weights do not count.</param>
    /// <param name="options">Settings; validated.</param>
    /// <param name="run">Threads, cancellation; no result depends on it.</param>
    /// <exception cref="InputException">Settings out of range.</exception>
    public static LowPass Compute(InteractionMatrix interactions, LowPassOptions options, RunContext run)
    {
        options.Validate();
        var byItem = interactions.Transpose(run);
        var items = Iterate(interactions, byItem, options, run);
        var users = new FactorMatrix(interactions.RowCount, options.Factors);
        var vectors = items.Values.AsSpan().ToArray();
        Scale(items, Powers(byItem, -options.ItemExponent), run);
        Sum(interactions, items, users, scale: null, run);
        vectors.CopyTo(items.Values, 0);
        Scale(items, Powers(byItem, options.TargetExponent), run);
        return new LowPass(users, items);
    }

    /// <summary>Seconds that <see cref="Compute"/> is planned to take.</summary>
    /// <param name="interactions">Users by items.</param>
    /// <param name="factors">Vectors.</param>
    /// <param name="threads">Threads.</param>
    public static double Seconds(InteractionMatrix interactions, int factors, int threads)
    {
        factors += Extra;
        var gathered = 2.0 * sizeof(float) * interactions.Count * factors / GatheredBytesPerThread;
        var rotated = AlsCost.GramianFlops(interactions.ColumnCount, factors) / AlsCost.FlopsPerThread;
        var decomposed = 20.0 * factors * factors * factors / EigenFlops;
        return new LowPassOptions().Passes * (((gathered + rotated) / threads) + decomposed);
    }

    private static FactorMatrix Iterate(
        InteractionMatrix interactions, InteractionMatrix byItem, LowPassOptions options, RunContext run)
    {
        var users = new FactorMatrix(interactions.RowCount, options.Factors + Extra);
        var items = new FactorMatrix(interactions.ColumnCount, options.Factors + Extra);
        items.Randomize(options.Seed, 1);
        var userScale = Powers(interactions, -2 * options.UserExponent);
        var itemScale = Powers(byItem, -options.ItemExponent);
        for (var pass = 0; pass < options.Passes; pass++)
        {
            // A^T A = D_i^-b R^T D_u^-2a R D_i^-b, and then columns of length 1.
            Scale(items, itemScale, run);
            Sum(interactions, items, users, userScale, run);
            Sum(byItem, users, items, itemScale, run);
            Orthonormalize(items, run);
        }

        var kept = new FactorMatrix(interactions.ColumnCount, options.Factors);
        Each(kept, run, row => items.Row(row)[..options.Factors].CopyTo(kept.Row(row)));
        return kept;
    }

    private static float[] Powers(InteractionMatrix matrix, double exponent)
    {
        var powers = new float[matrix.RowCount];
        for (var row = 0; row < powers.Length; row++)
        {
            powers[row] = (float)Math.Pow(Math.Max(1, matrix.RowLength(row)), exponent);
        }

        return powers;
    }

    // Every row becomes the sum of the rows that its entries name, times its scale.
    private static void Sum(
        InteractionMatrix matrix, FactorMatrix from, FactorMatrix to, float[]? scale, RunContext run) =>
        Each(to, run, row =>
        {
            var sum = to.PaddedRow(row);
            sum.Clear();
            foreach (var column in matrix.RowColumns(row))
            {
                TensorPrimitives.Add(sum, from.PaddedRow(column), sum);
            }

            if (scale is not null)
            {
                TensorPrimitives.Multiply(sum, scale[row], sum);
            }
        });

    private static void Scale(FactorMatrix matrix, float[] scale, RunContext run) =>
        Each(
            matrix,
            run,
            row => TensorPrimitives.Multiply(matrix.PaddedRow(row), scale[row], matrix.PaddedRow(row)));

    // Into the eigenbasis of their Gramian, where columns are orthogonal and their squared lengths the eigenvalues.
    private static void Orthonormalize(FactorMatrix items, RunContext run)
    {
        var lengths = Gramian.Diagonalize(items, run);
        var scale = new float[items.Stride];
        for (var column = 0; column < lengths.Length; column++)
        {
            scale[column] = lengths[column] > LeastShare * lengths[0] ? (float)(1 / Math.Sqrt(lengths[column])) : 0;
        }

        Each(items, run, row => TensorPrimitives.Multiply(items.PaddedRow(row), scale, items.PaddedRow(row)));
    }

    private static void Each(FactorMatrix matrix, RunContext run, Action<int> work) =>
        Workers.Run((matrix.RowCount + RowsPerPiece - 1) / RowsPerPiece, run, piece =>
        {
            for (var row = piece * RowsPerPiece; row < Math.Min(matrix.RowCount, (piece + 1) * RowsPerPiece); row++)
            {
                work(row);
            }
        });
}
