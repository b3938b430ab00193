using System.Globalization;
using Engine;
using Trainer.Data.Rows;

namespace Trainer.Pipeline.Settings;

/// <summary>
/// How much memory a training takes at its peak, from the sizes of its data alone: within a sixth of what was measured
/// for 0.2 to 100 million behaviors (bench/results).
/// </summary>
public static class TrainingMemory
{
    // The log, a scope, the profiles of its users and what ALS makes of them.
    private const double PerBehavior = 45;

    // An id as text and its entry in the table of ids, the places of rows.
    private const double PerUser = 160;

    // The largest Gram, two similarities, related products.
    private const double PerProduct = 9000;
    private const double Runtime = 150e6;

    // Pairs that the score is learned on: of so many users at most, with so many products each.
    private const double PerPair = 500;
    private const int SampledUsers = 10_000;
    private const int SampledProducts = 350;
    private const int FactorStep = 16;

    /// <summary>Bytes, about.</summary>
    public static long Estimate(DatasetSize size, int factors)
    {
        var stride = (factors + FactorStep - 1) / FactorStep * FactorStep;
        var pairs = (double)Math.Min(size.Users, SampledUsers) * Math.Min(size.Products, SampledProducts);
        return (long)(Runtime
            + (PerPair * pairs)
            + (PerBehavior * size.Behaviors)
            + ((PerUser + (sizeof(float) * stride)) * size.Users)
            + ((PerProduct + (2 * sizeof(float) * stride)) * size.Products));
    }

    /// <summary>Refuses a training that does not fit, before its work begins.</summary>
    /// <param name="size">The data.</param>
    /// <param name="factors">ALS dimensions.</param>
    /// <param name="available">Bytes that the process can get.</param>
    /// <exception cref="InputException">It does not fit; the message says what would.</exception>
    public static void Require(DatasetSize size, int factors, long available)
    {
        var needed = Estimate(size, factors);
        if (needed <= available)
        {
            return;
        }

        var fixedPart = Estimate(
            size with { Behaviors = 0, Users = Math.Min(size.Users, SampledUsers) }, factors);
        var behaviors = Math.Max(0, size.Behaviors * (available - fixedPart) / (double)(needed - fixedPart));
        var fewer = (factors - 1) / FactorStep * FactorStep;
        while (fewer > 0 && Estimate(size, fewer) > available)
        {
            fewer -= FactorStep;
        }

        throw new InputException(string.Create(
            CultureInfo.InvariantCulture,
            $"training on {Rows(size)}{size.Products:N0} products with {factors} factors needs about "
            + $"{needed / 1e9:F1} GB of memory; {available / 1e9:F1} GB are available. ")
            + (behaviors >= 1 ? string.Create(
                CultureInfo.InvariantCulture,
                $"About {Round(behaviors):N0} behaviors fit: give a table of fewer days or users, or more memory")
                : "Give more memory")
            + (fewer > 0 ? $". With --factors {fewer} this table fits." : "."));
    }

    // None where the products alone are too many.
    private static string Rows(DatasetSize size) => size.Behaviors == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $"{size.Behaviors:N0} behaviors of {size.Users:N0} users and ");

    // Two digits: it is an estimate.
    private static double Round(double number)
    {
        var unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(number)) - 1));
        return Math.Floor(number / unit) * unit;
    }
}
