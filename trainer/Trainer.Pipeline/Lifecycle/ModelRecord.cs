using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>The content of a workspace's MODEL.json.</summary>
public sealed record ModelRecord
{
    /// <summary>The workspace before its first training.</summary>
    public static ModelRecord Fresh { get; } = new();

    /// <summary>The state of the model.</summary>
    public ModelState State { get; init; } = ModelState.NotStarted;

    /// <summary>The snapshot of the last successful training; null when there is none.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>The settings of the last successful training: what <c>update</c> repeats.</summary>
    public TrainOptions? Options { get; init; }

    /// <summary>The last trainings, newest first.</summary>
    public IReadOnlyList<TrainingRun> Runs { get; init; } = [];
}

/// <summary>One training.</summary>
public sealed record TrainingRun
{
    /// <summary><c>train</c> or <c>update</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How far it is, or how it ended.</summary>
    public required ModelState State { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended; null while it runs, and when its process was killed.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The process that trains, on the machine that <see cref="Machine"/> names.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Where it runs.</summary>
    public required string Machine { get; init; }

    /// <summary>What it published.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }
}
