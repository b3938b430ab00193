using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Snapshots.Files;

/// <summary>
/// The status of a file. Two equal stamps of one path mean that nobody has written, replaced, renamed or re-permitted
/// the file in between: on Linux the time of change cannot be set back by a program. Elsewhere only length and time of
/// writing are known.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">Time of the last write, in 100 ns ticks; only to be compared.</param>
/// <param name="Changed">
/// Time of the last change of content, rights or links, in 100 ns ticks; only to be compared.
/// </param>
/// <param name="Inode">The number of the file in its file system.</param>
/// <param name="Device">The file system.</param>
/// <param name="Links">Names of the file; 0 when it is deleted and still open.</param>
public readonly record struct FileStamp(
    FileKind Kind, long Length, long Modified, long Changed, ulong Inode, ulong Device, uint Links)
{
    private const int KindMask = 0xF000;

    /// <summary>The stamp of a path, of a link itself; null when nothing is there.</summary>
    /// <exception cref="IOException">The folder cannot be searched.</exception>
    public static FileStamp? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Portable(new FileInfo(path));
        }

        if (Libc.Statx(Libc.WorkingFolder, path, Libc.OfLink, Libc.BasicFields, out var status) == 0)
        {
            return Of(status);
        }

        return Marshal.GetLastPInvokeError() is var error
            && error is Libc.NoEntry or Libc.NotFolder or Libc.NameTooLong
            ? null
            : throw new IOException($"cannot read the status of {path}: {new Win32Exception(error).Message}", error);
    }

    /// <summary>The stamp of an open file.</summary>
    /// <param name="file">Open.</param>
    /// <param name="path">Its path, where the handle alone tells too little.</param>
    public static FileStamp Of(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (Portable(new FileInfo(path)) ?? default) with { Length = RandomAccess.GetLength(file) };
        }

        return Libc.Statx(file, "", Libc.OfHandle, Libc.BasicFields, out var status) == 0
            ? Of(status)
            : throw new IOException(
                $"cannot read the status of {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    /// <summary>Whether both are of one file with the same content: rights and names may differ.</summary>
    public bool IsContentOf(FileStamp other) =>
        (Kind, Length, Modified, Inode, Device) == (
            other.Kind, other.Length, other.Modified, other.Inode, other.Device);

    /// <summary>The kind in words, for messages.</summary>
    public string KindText => Kind switch
    {
        FileKind.Regular => "a file",
        FileKind.Folder => "a folder",
        FileKind.Link => "a symbolic link",
        _ => "a pipe, socket or device",
    };

    private static FileStamp Of(in Libc.Status status) => new(
        (status.Mode & KindMask) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            _ => FileKind.Special,
        },
        (long)status.Length,
        (status.ModifiedSeconds * TimeSpan.TicksPerSecond) + (status.ModifiedNanoseconds / 100),
        (status.ChangedSeconds * TimeSpan.TicksPerSecond) + (status.ChangedNanoseconds / 100),
        status.Inode,
        ((ulong)status.DeviceMajor << 32) | status.DeviceMinor,
        status.Links);

    private static FileStamp? Portable(FileInfo file)
    {
        if (!file.Exists)
        {
            return Directory.Exists(file.FullName) ? new FileStamp(FileKind.Folder, 0, 0, 0, 0, 0, 1) : null;
        }

        var kind = file.LinkTarget is null ? FileKind.Regular : FileKind.Link;
        return new FileStamp(kind, file.Length, file.LastWriteTimeUtc.Ticks, file.LastWriteTimeUtc.Ticks, 0, 0, 1);
    }
}
