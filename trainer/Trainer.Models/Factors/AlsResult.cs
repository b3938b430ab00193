using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>
/// Trained factors. Both sides are in the eigenbasis of the item Gramian, so that the fold-in of a history needs only
/// <see cref="ItemSpectrum"/>: <c>new RowSolver(ItemSpectrum, options.ForOtherSide(Items.RowCount))</c>.
/// </summary>
/// <param name="Users">One row per user, each the exact solution of its loss given <paramref name="Items"/>.</param>
/// <param name="Items">One row per item.</param>
/// <param name="ItemSpectrum">
/// The f eigenvalues (descending) of the item Gramian that the users were solved with.
/// </param>
/// <param name="Epochs">Losses and times.</param>
public sealed record AlsResult(
    FactorMatrix Users, FactorMatrix Items, double[] ItemSpectrum, IReadOnlyList<AlsEpoch> Epochs);
