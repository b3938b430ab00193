using Engine;
using Trainer.Models.Settings;
using Trainer.Models.Similarity;

namespace Trainer.Models.Ridge;

/// <summary>
/// Settings of <see cref="LocalRidge"/>. With the Gram G[i,j] = sum over common users n_u^-UserExponent / (n_i
/// n_j)^ItemExponent, each target i is regressed on its k best neighbors: (G_NN + lam I + p / (1 - p) diag(G_NN)) w =
/// G_Ni.
/// </summary>
public sealed record RidgeOptions
{
    /// <summary>k, items that a target is regressed on, 1..1024.</summary>
    public int Neighbors { get; init; } = 64;

    /// <summary>lam as a multiple of the mean diagonal of the Gram, above 0.</summary>
    public double Regularization { get; init; } = 1;

    /// <summary>
    /// p, the share of a history that is left out at random in training, 0..0.9; see <see cref="DropoutGram"/>.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>
    /// l1 as a number of average users, 0 or more. Above 0 weights are not negative, and an item has none unless it
    /// explains more users of the target than that, beyond those that others explain. 0: the ridge alone.
    /// </summary>
    public double Sparsity { get; init; }

    /// <summary>
    /// Whether every target is regressed on all items, by one inverse: k and the Gram's neighbors have no effect. See
    /// <see cref="DenseRidge"/>.
    /// </summary>
    public bool Dense { get; init; }

    /// <summary>How much a user with a long history counts less, 0..2.</summary>
    public double UserExponent { get; init; } = 0.5;

    /// <summary>How much popular items are scaled down before the regression, 0..1.</summary>
    public double ItemExponent { get; init; }

    /// <summary>
    /// Entries of each row of the Gram that are kept (the strongest), at least k: bounds memory at 8 bytes each. The
    /// rest counts as 0.
    /// </summary>
    public int GramNeighbors { get; init; } = 2000;

    /// <summary>Items of one user that count; see <see cref="SimilarityOptions.HistoryCap"/>.</summary>
    public int HistoryCap { get; init; } = 300;

    /// <summary>Throws when a setting is outside its range.</summary>
    /// <exception cref="InputException">The message names the setting, its value and the range.</exception>
    public void Validate()
    {
        Setting.Require(Neighbors is >= 1 and <= 1024, "ridge neighbors", Neighbors, "1..1024");
        Setting.Require(
            Regularization > 0 && double.IsFinite(Regularization), "ridge regularization", Regularization, "above 0");
        Setting.Require(Dropout is >= 0 and <= 0.9, "ridge dropout", Dropout, "0..0.9");
        Setting.Require(
            Sparsity >= 0 && double.IsFinite(Sparsity) && !(Dense && Sparsity > 0),
            "ridge sparsity", Sparsity, "0 or more, and 0 for a dense ridge");
        Setting.Require(UserExponent is >= 0 and <= 2, "ridge user exponent", UserExponent, "0..2");
        Setting.Require(ItemExponent is >= 0 and <= 1, "ridge item exponent", ItemExponent, "0..1");
        Setting.Require(GramNeighbors >= Neighbors, "ridge Gram neighbors", GramNeighbors, "at least the neighbors");
        Setting.Require(HistoryCap >= 2, "ridge history cap", HistoryCap, "2 or more");
    }
}
