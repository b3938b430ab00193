using Engine;
using Trainer.Models.Settings;

namespace Trainer.Models.Spectral;

/// <summary>
/// Settings of <see cref="LowPass"/>. With A[u,i] = n_u^-UserExponent n_i^-ItemExponent for every pair, and V the
/// greatest right singular vectors of A: score(u,i) = sum over the history j of n_j^-ItemExponent (V V^T)[j,i]
/// n_i^TargetExponent.
/// </summary>
public sealed record LowPassOptions
{
    /// <summary>Singular vectors that are kept, 1..2048.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Multiplications by A^T A, 1..100: more separate close singular values better.</summary>
    public int Passes { get; init; } = 6;

    /// <summary>How much a user with a long history counts less, 0..2.</summary>
    public double UserExponent { get; init; } = 0.5;

    /// <summary>How much a popular item counts less, 0..2.</summary>
    public double ItemExponent { get; init; } = 0.5;

    /// <summary>How much of its popularity a candidate gets back, 0..2; as the item exponent in GF-CF.</summary>
    public double TargetExponent { get; init; } = 0.5;

    /// <summary>Where the first vectors come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws when a setting is outside its range.</summary>
    /// <exception cref="InputException">The message names the setting, its value and the range.</exception>
    public void Validate()
    {
        Setting.Require(Factors is >= 1 and <= 2048, "low-pass factors", Factors, "1..2048");
        Setting.Require(Passes is >= 1 and <= 100, "low-pass passes", Passes, "1..100");
        Setting.Require(UserExponent is >= 0 and <= 2, "low-pass user exponent", UserExponent, "0..2");
        Setting.Require(ItemExponent is >= 0 and <= 2, "low-pass item exponent", ItemExponent, "0..2");
        Setting.Require(TargetExponent is >= 0 and <= 2, "low-pass target exponent", TargetExponent, "0..2");
    }
}
