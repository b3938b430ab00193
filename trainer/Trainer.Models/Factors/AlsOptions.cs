using Engine;
using Engine.Kernels.Solve;
using Trainer.Models.Matrices;
using Trainer.Models.Settings;

namespace Trainer.Models.Factors;

/// <summary>
/// Settings of <see cref="Als"/>: sum over observed c (x.y - 1)^2 + a0 sum over all (x.y)^2
/// + lam [sum_u (n_u + a0 I)^nu |x_u|^2 + sum_i (n_i + a0 U)^nu |y_i|^2] (Rendle et al. 2022).
/// </summary>
public sealed record AlsOptions
{
    /// <summary>f, factors of a row, 1..2048.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Passes over both sides, 1..1000.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>a0, the weight of every pair, above 0; see <see cref="SuggestUnobservedWeight"/>.</summary>
    public double UnobservedWeight { get; init; } = 0.01;

    /// <summary>lam, above 0.</summary>
    public double Regularization { get; init; } = 0.003;

    /// <summary>nu, 0..1: 1 scales the regularization fully with frequency.</summary>
    public double FrequencyExponent { get; init; } = 1;

    /// <summary>Standard deviation of the first user factors times sqrt(f).</summary>
    public double InitialDeviation { get; init; } = 0.1;

    /// <summary>Where the first factors come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// A start for a0 where nothing is tuned: 20 times the density, within .01 (sparse) and .1 (dense). Near the
    /// published settings of Rendle et al.: ML-20M (density .5 %) .1, MSD (.14 %) .02.
    /// </summary>
    public static double SuggestUnobservedWeight(InteractionMatrix interactions) => Math.Clamp(
        20.0 * interactions.Count / ((double)interactions.RowCount * Math.Max(1, interactions.ColumnCount)), 0.01, 0.1);

    /// <summary>The row solver's view of the loss when the other side has <paramref name="otherCount"/> rows.</summary>
    public RowSolverOptions ForOtherSide(int otherCount) =>
        new(UnobservedWeight, Regularization, FrequencyExponent, otherCount);

    /// <summary>Throws when a setting is outside its range.</summary>
    /// <exception cref="InputException">The message names the setting, its value and the range.</exception>
    public void Validate()
    {
        Setting.Require(Factors is >= 1 and <= 2048, "ALS factors", Factors, "1..2048");
        Setting.Require(Epochs is >= 1 and <= 1000, "ALS epochs", Epochs, "1..1000");
        Setting.Require(
            UnobservedWeight > 0 && double.IsFinite(UnobservedWeight),
            "ALS unobserved weight",
            UnobservedWeight,
            "above 0");
        Setting.Require(
            Regularization > 0 && double.IsFinite(Regularization), "ALS regularization", Regularization, "above 0");
        Setting.Require(FrequencyExponent is >= 0 and <= 1, "ALS frequency exponent", FrequencyExponent, "0..1");
        Setting.Require(
            InitialDeviation > 0 && double.IsFinite(InitialDeviation),
            "ALS initial deviation",
            InitialDeviation,
            "above 0");
    }
}
