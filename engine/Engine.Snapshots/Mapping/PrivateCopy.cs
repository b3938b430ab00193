using System.Diagnostics.CodeAnalysis;
using Engine.Snapshots.Files;
using Microsoft.Win32.SafeHandles;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// A copy of a published file that has no name, so that nobody truncates or overwrites it, and that vanishes with the
/// process. On a file system with shared extents (XFS, Btrfs) it takes no space and no time; elsewhere it takes both
/// once a load.
/// </summary>
internal static class PrivateCopy
{
    // A copy must not be what fills the disk under the stores of the engine.
    private const long Reserve = 256L << 20;
    private const long Piece = 64L << 20;

    /// <summary>
    /// Copies an open file; null where there is no room or no right for it, and on systems that keep mapped files as
    /// they are.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was canceled; nothing is left.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The caller owns the handle.")]
    public static SafeFileHandle? TryMake(SafeFileHandle file, string path, CancellationToken cancellation = default)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = TemporaryFile.In(folder);
        try
        {
            if (new DriveInfo(folder).AvailableFreeSpace - RandomAccess.GetLength(file) < Reserve)
            {
                return null;
            }

            Copy(file, temporary, cancellation);
            return PlainFile.Open(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            TemporaryFile.TryDelete(temporary);
        }
    }

    // In pieces, so that a load can be canceled. The system shares the blocks of each piece where it can.
    private static void Copy(SafeFileHandle file, string temporary, CancellationToken cancellation)
    {
        using var copy = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write);
        var (at, length) = (0L, RandomAccess.GetLength(file));
        while (at < length)
        {
            cancellation.ThrowIfCancellationRequested();
            var from = at;
            if (Libc.CopyFileRange(file, ref from, copy, ref at, (nuint)Math.Min(Piece, length - at), 0) <= 0)
            {
                break;
            }
        }

        // What the system does not copy between these files, and the rest of a file that was truncated meanwhile.
        for (var block = new byte[1 << 20]; at < length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = RandomAccess.Read(file, block, at);
            if (read == 0)
            {
                throw new IOException("it was truncated while it was copied");
            }

            RandomAccess.Write(copy, block.AsSpan(0, read), at);
            at += read;
        }
    }
}
