using Engine;
using Engine.Snapshots;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>
/// A workspace while one process trains in it. The operating system holds the lock on the open file and lets go of it when the
/// process ends, however it ends: a crash leaves nothing to clean up, and a file without its process locks nobody out.
/// </summary>
public sealed class TrainingLock : IDisposable
{
    private readonly FileStream _file;

    private TrainingLock(FileStream file) => _file = file;

    /// <summary>Takes the workspace, or returns null when another process has it.</summary>
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

    /// <summary>Takes the workspace.</summary>
    /// <exception cref="InputException">Another process trains in it.</exception>
    public static TrainingLock Take(SnapshotDirectory directory)
    {
        return TryTake(directory) ?? throw Refusal(directory);
    }

    private static InputException Refusal(SnapshotDirectory directory)
    {
        var who = new ModelFile(directory).Read().Runs is [var holder, ..]
            ? $"process {holder.ProcessId} on {holder.Machine}, since {holder.Started:u}," : "another process";
        return new InputException($"found {who} training in workspace '{directory.Workspace}', expected nobody: wait until it is done, stop it, or train in another --workspace");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
