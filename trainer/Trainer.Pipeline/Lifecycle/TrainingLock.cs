using Engine;
using Engine.Snapshots;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>
/// Locks a workspace while a process trains in it. The operating system releases the lock when the process ends, after a
/// crash too, so the file alone never blocks a training.
/// </summary>
public sealed class TrainingLock : IDisposable
{
    private readonly FileStream _file;

    private TrainingLock(FileStream file) => _file = file;

    /// <summary>Locks the workspace, or returns null when another process has locked it.</summary>
    public static TrainingLock? TryTake(SnapshotDirectory directory)
    {
        Directory.CreateDirectory(directory.Path);
        try
        {
            return new TrainingLock(new FileStream(
                Path.Combine(directory.Path, "TRAINING.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

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
        return new InputException($"workspace '{directory.Workspace}' is locked by a running training ({who}): wait until it ends, stop it, or train in another --workspace");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
