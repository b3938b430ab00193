using Engine.Kernels.Solve;
using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Ridge;

/// <summary>
/// The ridge of several targets on features that a row has or has not, with a constant: W = (X'X + lam I)^-1 X'Y, then
/// one step of refinement in fp64, since the inverse is fp32. The same at any number of threads.
/// </summary>
public sealed class FeatureRidge
{
    private readonly double[] _weights;

    private FeatureRidge(int features, int targets)
    {
        Targets = targets;
        _weights = new double[(features + 1) * targets];
    }

    /// <summary>Targets.</summary>
    public int Targets { get; }

    /// <summary>Fits it.</summary>
    /// <param name="rows">The features of each row.</param>
    /// <param name="targets">The first <paramref name="columns"/> elements of each row are the targets.</param>
    /// <param name="columns">Targets.</param>
    /// <param name="features">Features are numbered below it.</param>
    /// <param name="regularization">lam, more than 0: in rows.</param>
    /// <param name="isLeftOut">Rows that take no part.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static FeatureRidge Fit(
        int[][] rows,
        FactorContent targets,
        int columns,
        int features,
        double regularization,
        Predicate<int> isLeftOut,
        RunContext run)
    {
        var system = new DenseInverse(features + 1);
        int[] used = [.. Enumerable.Range(0, rows.Length).Where(row => !isLeftOut(row))];
        foreach (var row in used)
        {
            // Counts: exact in fp32.
            int[] all = [.. rows[row], features];
            foreach (var one in all)
            {
                foreach (var other in all)
                {
                    system.Values[(one * system.Stride) + other]++;
                }
            }
        }

        for (var feature = 0; feature <= features; feature++)
        {
            system.Values[(feature * system.Stride) + feature] += (float)regularization;
        }

        for (var block = 0; block < system.Blocks; block++)
        {
            if (!system.Begin(block))
            {
                throw new InvalidOperationException("the ridge of the tags is not positive definite");
            }

            var eliminated = block;
            Workers.Run(system.Strips, run, strip => system.Update(eliminated, strip));
        }

        var ridge = new FeatureRidge(features, columns);
        for (var step = 0; step < 2; step++)
        {
            ridge.AddSolution(system, ridge.Residuals(rows, used, targets, regularization), run);
        }

        return ridge;
    }

    /// <summary>The targets of a row, in fp32.</summary>
    public void Predict(ReadOnlySpan<int> features, Span<float> targets)
    {
        for (var k = 0; k < Targets; k++)
        {
            var sum = _weights[^(Targets - k)];
            foreach (var feature in features)
            {
                sum += _weights[(feature * Targets) + k];
            }

            targets[k] = (float)sum;
        }
    }

    // X'(Y - X W) - lam W.
    private double[] Residuals(int[][] rows, int[] used, FactorContent targets, double regularization)
    {
        var residuals = Array.ConvertAll(_weights, weight => -regularization * weight);
        var predicted = new float[Targets];
        foreach (var row in used)
        {
            Predict(rows[row], predicted);
            var target = targets.Row(row);
            for (var k = 0; k < Targets; k++)
            {
                var difference = (double)target[k] - predicted[k];
                foreach (var feature in rows[row])
                {
                    residuals[(feature * Targets) + k] += difference;
                }

                residuals[residuals.Length - Targets + k] += difference;
            }
        }

        return residuals;
    }

    private void AddSolution(DenseInverse inverse, double[] right, RunContext run) =>
        Workers.Run(_weights.Length / Targets, run, feature =>
        {
            var row = inverse.Values.AsSpan(feature * inverse.Stride, _weights.Length / Targets);
            for (var other = 0; other < row.Length; other++)
            {
                for (var k = 0; k < Targets; k++)
                {
                    _weights[(feature * Targets) + k] += (double)row[other] * right[(other * Targets) + k];
                }
            }
        });
}
