using System.Runtime.InteropServices;

namespace Engine.Tables.Rows;

/// <summary>
/// Syncs a folder, so that a new name in it survives a crash of the machine. .NET opens no folders; this project
/// stands alone, so it does not use the one of the snapshots.
/// </summary>
internal static class FolderFlush
{
    private const int InvalidArgument = 22;

    /// <summary>Returns when the names in a folder are on the disk. Windows journals them itself.</summary>
    /// <exception cref="IOException">They are not.</exception>
    public static void Of(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // Some file systems cannot sync a folder and say so by EINVAL; there is nothing more to do on them.
        var handle = Open(folder, 0);
        var failed = handle < 0 || (Fsync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument);
        var error = Marshal.GetLastPInvokeError();
        if (handle >= 0)
        {
            _ = Close(handle);
        }

        if (failed)
        {
            throw new IOException(
                $"cannot sync the folder {folder}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
