using System.Diagnostics.CodeAnalysis;
using Engine.Kernels;
using Engine.Snapshots.Files;

namespace Engine.Snapshots.Writing;

/// <summary>
/// The right to change a store: one process and one thread at a time. It is a lock of the operating system on a lock
/// file (flock on Unix), which ends with the process, after a crash too, so a file that was left behind blocks nobody.
/// On a file system without such locks, several processes must not write to one root.
/// </summary>
public sealed class WriterLock : IDisposable
{
    private const int Tries = 3_000;
    private const int LinuxHeld = 11;
    private const int MacHeld = 35;
    private const int WindowsSharing = unchecked((int)0x80070020);
    private const int WindowsLocked = unchecked((int)0x80070021);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly FileStream _file;

    private WriterLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock, half a minute at most: a change takes milliseconds.</summary>
    /// <param name="path">The lock file; its folder is created.</param>
    /// <exception cref="StorageException">
    /// Another process keeps the lock, or the lock file cannot be opened.
    /// </exception>
    public static WriterLock Take(string path) => Wait(path, isShared: false);

    /// <summary>Waits until nobody has the lock alone. Others may share it.</summary>
    /// <param name="path">The lock file; its folder is created.</param>
    /// <exception cref="StorageException">
    /// Another process keeps the lock, or the lock file cannot be opened.
    /// </exception>
    public static WriterLock Share(string path) => Wait(path, isShared: true);

    /// <summary>Takes the lock, or returns null when another one has it.</summary>
    /// <param name="path">The lock file; its folder is created.</param>
    /// <exception cref="StorageException">The lock file cannot be opened.</exception>
    public static WriterLock? TryTake(string path) => TryTake(path, isShared: false);

    /// <summary>Shares the lock, or returns null when another one has it alone.</summary>
    /// <param name="path">The lock file; its folder is created.</param>
    /// <exception cref="StorageException">The lock file cannot be opened.</exception>
    public static WriterLock? TryShare(string path) => TryTake(path, isShared: true);

    [SuppressMessage("Reliability", "CA2000", Justification = "The caller owns the lock.")]
    private static WriterLock Wait(string path, bool isShared)
    {
        for (var tried = 0; tried < Tries; tried++)
        {
            if (TryTake(path, isShared) is { } taken)
            {
                return taken;
            }

            Thread.Sleep(Pause);
        }

        throw new StorageException(
            InvariantText.Of(
                $"{path} is locked by another process for {Tries * Pause.TotalSeconds:0} s. See whether it hangs, end "
                + $"it, "
                + $"then repeat the call. Nothing was changed"));
    }

    private static WriterLock? TryTake(string path, bool isShared)
    {
        AtomicFile.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            if (FileStamp.Of(path) is { Kind: not FileKind.Regular } found)
            {
                // Opening a pipe would wait for its other end.
                throw new IOException($"{path} is {found.KindText}; expected the file of a lock. Remove it");
            }

            // .NET locks a file for sharing when it is opened for reading and shared for reading.
            return new WriterLock(isShared
                ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read, bufferSize: 0)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException e) when (e.HResult is LinuxHeld or MacHeld or WindowsSharing or WindowsLocked)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(path, e);
        }
    }

    /// <summary>Releases the lock. The file stays: deleting it would give two processes two locks.</summary>
    public void Dispose() => _file.Dispose();
}
