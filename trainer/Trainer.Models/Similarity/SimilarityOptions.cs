using Engine;
using Trainer.Models.Settings;

namespace Trainer.Models.Similarity;

/// <summary>
/// Settings of <see cref="ItemSimilarity"/>: for a history item j and a candidate i
/// B[j,i] = sum over common users n_u^-UserExponent / (n_j^SourceExponent n_i^TargetExponent) * n_ij / (n_ij +
/// Shrinkage). Exponents 0, .5, .5 are the cosine, 0, a, 1 - a the asymmetric cosine, and alpha, alpha, beta without
/// shrinkage RP3beta (Paudel et al. 2017), a three-step random walk with popularity damping.
/// </summary>
public sealed record SimilarityOptions
{
    /// <summary>k, neighbors kept per item, 1..10,000.</summary>
    public int Neighbors { get; init; } = 100;

    /// <summary>The member of the family; only <see cref="SimilarityWeighting.Power"/> reads the exponents.</summary>
    public SimilarityWeighting Weighting { get; init; }

    /// <summary>How much a user with a long history counts less, 0..2.</summary>
    public double UserExponent { get; init; } = 0.5;

    /// <summary>How much a popular history item counts less, 0..2.</summary>
    public double SourceExponent { get; init; } = 0.5;

    /// <summary>How much a popular candidate counts less, 0..2.</summary>
    public double TargetExponent { get; init; } = 0.5;

    /// <summary>
    /// Prior pseudo-count of users: a pair seen by n users counts n / (n + shrinkage) of its strength; at least 0.
    /// </summary>
    public double Shrinkage { get; init; } = 10;

    /// <summary>Pairs with fewer common users are left out, at least 1.</summary>
    public int MinimumSupport { get; init; } = 1;

    /// <summary>
    /// Items of one user that count, at least 2: those of greatest weight (the most recent ones, when weights decay),
    /// equal weights in an order drawn from user and item.
    /// </summary>
    public int HistoryCap { get; init; } = 300;

    /// <summary>Throws when a setting is outside its range.</summary>
    /// <exception cref="InputException">The message names the setting, its value and the range.</exception>
    public void Validate()
    {
        Setting.Require(Neighbors is >= 1 and <= 10_000, "similarity neighbors", Neighbors, "1..10000");
        Setting.Require(UserExponent is >= 0 and <= 2, "similarity user exponent", UserExponent, "0..2");
        Setting.Require(SourceExponent is >= 0 and <= 2, "similarity source exponent", SourceExponent, "0..2");
        Setting.Require(TargetExponent is >= 0 and <= 2, "similarity target exponent", TargetExponent, "0..2");
        Setting.Require(Shrinkage >= 0 && double.IsFinite(Shrinkage), "similarity shrinkage", Shrinkage, "0 or more");
        Setting.Require(MinimumSupport >= 1, "similarity minimum support", MinimumSupport, "1 or more");
        Setting.Require(HistoryCap >= 2, "similarity history cap", HistoryCap, "2 or more");
    }
}
