using System.Numerics.Tensors;

namespace Trainer.Models.Ridge;

/// <summary>
/// The w of least w'Aw / 2 - b'w + l1 sum(w) with w >= 0, by coordinate descent (Friedman, Hastie and Tibshirani,
/// "Regularization Paths for Generalized Linear Models via Coordinate Descent", 2010). A has no negative entries and a
/// positive diagonal, so no step raises that value and none can run away, even where A is indefinite.
/// </summary>
internal static class NonNegativeLasso
{
    // Ends what settles too slowly.
    private const int MostPasses = 100;

    // A pass whose greatest change is so much smaller than the greatest weight is the last.
    private const float Tolerance = 1e-4f;

    /// <summary>A row of A.</summary>
    /// <param name="row">0 to n - 1.</param>
    public delegate ReadOnlySpan<float> Row(int row);

    /// <summary>Solves one system of n weights.</summary>
    /// <param name="matrix">A, n entries of each row.</param>
    /// <param name="right">b; overwritten.</param>
    /// <param name="penalty">l1, 0 or more.</param>
    /// <param name="weights">Receives w.</param>
    public static void Solve(Row matrix, Span<float> right, float penalty, Span<float> weights)
    {
        weights.Clear();
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var (change, greatest) = (0f, 0f);
            for (var n = 0; n < weights.Length; n++)
            {
                // right holds b - Aw: what is not explained yet.
                var row = matrix(n)[..weights.Length];
                var weight = Math.Max(0, weights[n] + ((right[n] - penalty) / row[n]));
                var step = weight - weights[n];
                if (step != 0)
                {
                    weights[n] = weight;
                    TensorPrimitives.MultiplyAdd(row, -step, right, right);
                }

                (change, greatest) = (Math.Max(change, Math.Abs(step)), Math.Max(greatest, weight));
            }

            if (change <= Tolerance * greatest)
            {
                return;
            }
        }
    }
}
