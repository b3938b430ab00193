using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Snapshots.Files;

/// <summary>
/// What .NET does not offer: fsync of folders, opening without waiting, all of a file's status, copying in
/// pieces. Linux only, except <see cref="Fsync"/>.
/// </summary>
internal static partial class Libc
{
    /// <summary>For <see cref="Statx(int, string, int, uint, out Status)"/>: relative to the working folder.</summary>
    public const int WorkingFolder = -100;

    /// <summary>For statx: of the open file itself.</summary>
    public const int OfHandle = 0x1000;

    /// <summary>For statx: of a symbolic link itself.</summary>
    public const int OfLink = 0x100;

    /// <summary>For statx: the fields of stat(2).</summary>
    public const uint BasicFields = 0x7ff;

    /// <summary>For renameat2: both names change their places in one step.</summary>
    public const uint Exchange = 2;

    /// <summary>For open: a pipe without a writer must not block.</summary>
    public const int NonBlocking = 0x800;

    /// <summary>For open: not inherited by other programs.</summary>
    public const int CloseOnExec = 0x80000;

    /// <summary>errno: no such file or folder.</summary>
    public const int NoEntry = 2;

    /// <summary>errno: a part of the path is no folder.</summary>
    public const int NotFolder = 20;

    /// <summary>errno: no file can have a name of that length.</summary>
    public const int NameTooLong = 36;

    /// <summary>errno: the operation is not supported on this file.</summary>
    public const int InvalidArgument = 22;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Fsync(int handle);

    /// <summary>renameat2(2) of Linux.</summary>
    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Rename(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Close(int handle);

    /// <summary>copy_file_range(2): moves both positions on by the bytes that it returns.</summary>
    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint CopyFileRange(
        SafeFileHandle from, ref long fromAt, SafeFileHandle to, ref long toAt, nuint bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Statx(int folder, string path, int flags, uint fields, out Status status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Statx(SafeFileHandle file, string path, int flags, uint fields, out Status status);

    /// <summary>struct statx, which is the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct Status
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Length;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
