using System.Text.Json.Serialization;
using Engine;
using Trainer.Models.Factors;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;
using Trainer.Models.Spectral;

namespace Trainer.Leaderboard.Tuning;

/// <summary>One summand of a model: exactly one of the four has settings.</summary>
public sealed record ModelPart
{
    /// <summary>What its score is multiplied by.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>ALS, or null.</summary>
    public AlsOptions? Als { get; init; }

    /// <summary>Item similarity, or null.</summary>
    public SimilarityOptions? Similarity { get; init; }

    /// <summary>The local ridge, or null.</summary>
    public RidgeOptions? Ridge { get; init; }

    /// <summary>The low-pass filter, or null.</summary>
    public LowPassOptions? LowPass { get; init; }

    /// <summary>A line for people.</summary>
    [JsonIgnore]
    public string Name =>
        Als is { } a ? FormattableString.Invariant(
            $"als f {a.Factors} epochs {a.Epochs} a0 {a.UnobservedWeight:G3} lam {a.Regularization:G3}")
        : Ridge is { } r ? FormattableString.Invariant(
            $"ridge user {r.UserExponent} item {r.ItemExponent} lam {r.Regularization:G3} ")
            + (r.Dense ? "dense" : FormattableString.Invariant($"k {r.Neighbors}"))
            + (r.Sparsity > 0 ? FormattableString.Invariant($" sparsity {r.Sparsity:G3}") : "")
            + (r.Dropout > 0 ? FormattableString.Invariant($" dropout {r.Dropout}") : "")
        : Similarity is { } s ? FormattableString.Invariant(
            $"similarity {s.Weighting} user {s.UserExponent} source {s.SourceExponent} target {s.TargetExponent} ")
            + FormattableString.Invariant($"shrinkage {s.Shrinkage:G3} k {s.Neighbors}")
        : LowPass is { } l ? FormattableString.Invariant(
            $"low-pass f {l.Factors} user {l.UserExponent} item {l.ItemExponent} target {l.TargetExponent}")
        : "nothing";

    /// <exception cref="InputException">Not exactly one has settings, or they are outside their range.</exception>
    public void Validate()
    {
        var count = (Als is null ? 0 : 1) + (Similarity is null ? 0 : 1) + (Ridge is null ? 0 : 1)
            + (LowPass is null ? 0 : 1);
        if (count != 1 || !double.IsFinite(Weight))
        {
            throw new InputException(
                $"a part has {count} of als, similarity, ridge and low_pass, and weight {Weight}: "
                + "give exactly one, and a finite weight");
        }

        Als?.Validate();
        Similarity?.Validate();
        Ridge?.Validate();
        LowPass?.Validate();
    }
}
