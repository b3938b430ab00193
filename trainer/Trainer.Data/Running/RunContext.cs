using Engine;
using Trainer.Data.Progress;

namespace Trainer.Data.Running;

/// <summary>What a run has beside its settings. No result depends on it, and no file stores it.</summary>
public sealed record RunContext
{
    private const int MostThreads = 4096;

    /// <summary>Threads of every step, 1..4096; by default one per core of this machine.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes of memory that the run can get; by default what the machine and its limits leave.</summary>
    public long Memory { get; init; } = MemoryLimit.Find();

    /// <summary>Where stages report how far they are.</summary>
    public IProgressReporter Progress { get; init; } = NoProgress.Instance;

    /// <summary>Ends the run with an <see cref="OperationCanceledException"/>, within a stage too.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>The clock of budgets and measured times.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="InputException">Fewer than one thread, or more than 4096.</exception>
    public void Validate()
    {
        if (Threads is < 1 or > MostThreads)
        {
            throw new InputException($"--threads is {Threads}: give 1 to {MostThreads}");
        }
    }
}
