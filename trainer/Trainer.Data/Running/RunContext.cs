using Engine;
using Trainer.Data.Progress;

namespace Trainer.Data.Running;

/// <summary>What a run has beside its settings. No result depends on it, and no file stores it.</summary>
public sealed record RunContext
{
    /// <summary>Threads of every step, at least 1; by default one per core of this machine.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Where stages report how far they are.</summary>
    public IProgressReporter Progress { get; init; } = NoProgress.Instance;

    /// <summary>Ends the run with an <see cref="OperationCanceledException"/>, within a stage too.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>The clock of budgets and measured times.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="InputException">Fewer than one thread.</exception>
    public void Validate()
    {
        if (Threads < 1)
        {
            throw new InputException($"--threads is {Threads}: give 1 or more");
        }
    }
}
