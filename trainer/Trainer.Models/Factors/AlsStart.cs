using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>Where <see cref="Als"/> begins; by itself from random user factors.</summary>
/// <param name="Items">
/// A warm start: item factors of an earlier model, rows of zeros for items that it does not know; users are first solved given
/// them. Not changed.
/// </param>
/// <param name="Checkpoints">Where an interrupted run goes on from, and leaves what a later one needs.</param>
public sealed record AlsStart(FactorMatrix? Items = null, AlsCheckpoints? Checkpoints = null);
