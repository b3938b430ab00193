using System.ComponentModel;
using System.Runtime.InteropServices;
using Engine.Snapshots.Files;

namespace Engine.Snapshots.Writing;

/// <summary>
/// Files that are complete or absent: written to a temporary file, fsynced, renamed into place, and the rename fsynced
/// with the folder. A crash at any moment leaves the old file or the new one. Every method returns when its change is
/// on the disk.
/// </summary>
public static class AtomicFile
{
    /// <summary>Replaces the file at <paramref name="path"/>; creates its folder.</summary>
    /// <exception cref="StorageException">It cannot be written; the old file is unchanged.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, isPrivate: false);

    /// <summary>The same for a file that only its owner may read and write, from its first moment.</summary>
    /// <exception cref="StorageException">It cannot be written; the old file is unchanged.</exception>
    public static void WritePrivate(string path, Action<Stream> write) => Write(path, write, isPrivate: true);

    private static void Write(string path, Action<Stream> write, bool isPrivate)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        CreateFolder(folder);
        var temporary = TemporaryFile.In(folder);
        try
        {
            using (var stream = Create(temporary, isPrivate))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            Rename(temporary, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(path, e);
        }
        finally
        {
            TemporaryFile.TryDelete(temporary);
        }
    }

    /// <summary>A new file to write to.</summary>
    /// <param name="path">Nothing is there.</param>
    /// <param name="isPrivate">Whether only its owner may read and write it, from its first moment.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static FileStream Create(string path, bool isPrivate)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 1 << 16,
        };
        if (isPrivate && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>
    /// Renames a file that is already fsynced over <paramref name="path"/> in the same folder, and fsyncs the folder.
    /// </summary>
    /// <exception cref="IOException">It cannot be renamed, or the folder cannot be fsynced.</exception>
    public static void Rename(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Renames a folder whose files are already fsynced within the same parent, and fsyncs both.</summary>
    /// <exception cref="IOException">It cannot be renamed, or cannot be fsynced.</exception>
    public static void RenameFolder(string temporary, string path)
    {
        FlushFolder(temporary);
        Directory.Move(temporary, path);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Exchanges two files or folders in one step, and fsyncs the folders that they lie in: no moment has neither.
    /// </summary>
    /// <returns>False where the system or the file system cannot do that; nothing has changed.</returns>
    public static bool TryExchange(string one, string other)
    {
        if (!OperatingSystem.IsLinux()
            || Libc.Rename(Libc.WorkingFolder, one, Libc.WorkingFolder, other, Libc.Exchange) != 0)
        {
            return false;
        }

        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(one))!);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(other))!);
        return true;
    }

    /// <summary>Deletes a file, if it is there, and fsyncs its folder.</summary>
    /// <exception cref="StorageException">It cannot be deleted.</exception>
    public static void Delete(string path)
    {
        try
        {
            if (File.Exists(path) || FileStamp.Of(path) is not null)
            {
                File.Delete(path);
                FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(path, e);
        }
    }

    /// <summary>Creates a folder with all that it lies in, and fsyncs the parent of each new one.</summary>
    /// <exception cref="StorageException">It cannot be created.</exception>
    public static void CreateFolder(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(path))
        {
            return;
        }

        try
        {
            if (Path.GetDirectoryName(path) is { } parent)
            {
                CreateFolder(parent);
                Directory.CreateDirectory(path);
                FlushFolder(parent);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(path, e);
        }
    }

    /// <summary>Fsyncs a file that was written by other means, such as a copy.</summary>
    /// <exception cref="IOException">It cannot be opened or fsynced.</exception>
    public static void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    // .NET opens no folders. Windows journals renames itself.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Libc.Open(folder, 0);
        if (handle < 0)
        {
            throw Failure(folder);
        }

        try
        {
            // Some file systems cannot fsync a folder and say so by EINVAL; there is nothing more to do on them.
            if (Libc.Fsync(handle) != 0 && Marshal.GetLastPInvokeError() != Libc.InvalidArgument)
            {
                throw Failure(folder);
            }
        }
        finally
        {
            _ = Libc.Close(handle);
        }
    }

    private static IOException Failure(string folder) =>
        new(
            $"cannot fsync the folder {folder}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}",
            Marshal.GetLastPInvokeError());
}
