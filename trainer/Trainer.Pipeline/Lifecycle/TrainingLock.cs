using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Writing;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>
/// Locks a workspace while a process trains in it. The operating system releases the lock when the process ends, after
/// a crash too, so the file alone never blocks a training.
/// </summary>
public sealed class TrainingLock : IDisposable
{
    private readonly WriterLock _lock;

    private TrainingLock(WriterLock held) => _lock = held;

    /// <summary>Locks the workspace, or returns null when another process has locked it.</summary>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static TrainingLock? TryTake(SnapshotDirectory directory) =>
        WriterLock.TryTake(Path.Combine(directory.Path, "TRAINING.lock")) is { } held ? new TrainingLock(held) : null;

    /// <summary>Locks the workspace.</summary>
    /// <exception cref="InputException">Another process trains in it.</exception>
    public static TrainingLock Take(SnapshotDirectory directory)
    {
        return TryTake(directory) ?? throw Refusal(directory);
    }

    private static InputException Refusal(SnapshotDirectory directory)
    {
        var who = new ModelFile(directory).Read().Runs is [var holder, ..]
            ? $"process {holder.ProcessId} on {holder.Machine}, since {holder.Started:u}" : "another process";
        return new InputException(
            $"workspace '{directory.Workspace}' is locked by a running training ({who}): wait until it ends, stop it, "
            + "or train in another --workspace");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
