namespace Trainer.Models;

/// <summary>The parts of the ALS loss (see <see cref="AlsOptions"/>), in fp64.</summary>
public static class AlsLoss
{
    /// <summary>lam sum over rows (n + a0 N)^nu |row|^2 for one side.</summary>
    public static double Regularization(InteractionMatrix matrix, FactorMatrix factors, AlsOptions options)
    {
        var solver = options.ForOtherSide(matrix.ColumnCount);
        double sum = 0;
        for (var row = 0; row < factors.RowCount; row++)
        {
            sum += solver.RowRegularization(matrix.RowLength(row)) * SquaredNorm(factors.Row(row));
        }

        return sum;
    }

    /// <summary>a0 sum over all pairs (x.y)^2 = a0 sum over k of spectrum[k] |x's column k|^2.</summary>
    public static double Unobserved(FactorMatrix users, double[] itemSpectrum, AlsOptions options)
    {
        var columns = new double[users.Stride];
        for (var row = 0; row < users.RowCount; row++)
        {
            var x = users.PaddedRow(row);
            for (var k = 0; k < x.Length; k++)
            {
                columns[k] += (double)x[k] * x[k];
            }
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

    private static double SquaredNorm(ReadOnlySpan<float> row)
    {
        double sum = 0;
        foreach (var x in row)
        {
            sum += (double)x * x;
        }

        return sum;
    }
}
