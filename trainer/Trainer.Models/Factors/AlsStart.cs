using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>Where <see cref="Als"/> starts; by default from random user factors.</summary>
/// <param name="Items">
/// A warm start: item factors of an earlier model, rows of zeros for unknown items; users are first solved given
/// them. Not modified.
/// </param>
/// <param name="Checkpoints">Where an interrupted run resumes, and where this one saves its state.</param>
public sealed record AlsStart(FactorMatrix? Items = null, AlsCheckpoints? Checkpoints = null);
