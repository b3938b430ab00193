using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Engine.Snapshots.Writing;

/// <summary>
/// Files that are complete or absent: written to a temporary file, fsynced, renamed into place, and the rename fsynced with
/// the folder. A crash at any moment leaves the old file or the new one.
/// </summary>
public static partial class AtomicFile
{
    private const int InvalidArgument = 22;

    /// <summary>Replaces the file at <paramref name="path"/>; creates its folder.</summary>
    /// <exception cref="IOException">It cannot be written; the old file is unchanged.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.partial");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            Rename(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Renames a file that is already fsynced over <paramref name="path"/> in the same folder, and fsyncs the folder.</summary>
    /// <exception cref="IOException">It cannot be renamed, or the folder cannot be fsynced.</exception>
    public static void Rename(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    // .NET opens no folders. Windows journals renames itself.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = OpenFile(folder, 0);
        if (handle < 0)
        {
            throw Failure(folder);
        }

        try
        {
            // Some file systems cannot fsync a folder and say so by EINVAL; there is nothing more to do on them.
            if (Fsync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
            {
                throw Failure(folder);
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static IOException Failure(string folder) =>
        new($"cannot fsync the folder {folder}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
