using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using Engine.Kernels;
using Microsoft.Win32.SafeHandles;

namespace Engine.Snapshots.Files;

/// <summary>
/// Reads files that other programs may have replaced by something else: opening never waits, nothing but a regular file
/// is read, and no more of it than is expected.
/// </summary>
public static class PlainFile
{
    /// <summary>Opens a regular file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="followLink">
    /// Whether a symbolic link at the path is followed: yes for what a person names, no inside a snapshot root.
    /// </param>
    /// <exception cref="InputException">It is something else than a file.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The caller owns the handle.")]
    public static SafeFileHandle Open(string path, bool followLink = false)
    {
        if (!followLink && FileStamp.Of(path) is { Kind: not FileKind.Regular } found)
        {
            throw Unexpected(path, found);
        }

        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        var number = Libc.Open(path, Libc.NonBlocking | Libc.CloseOnExec);
        if (number < 0)
        {
            throw Failure(path, Marshal.GetLastPInvokeError());
        }

        var file = new SafeFileHandle(number, ownsHandle: true);
        try
        {
            // Once more by the handle: the name may have been replaced in between.
            return FileStamp.Of(file, path) is { Kind: FileKind.Regular }
                ? file
                : throw Unexpected(path, FileStamp.Of(file, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The same as a stream.</summary>
    /// <param name="path">The file.</param>
    [SuppressMessage("Reliability", "CA2000", Justification = "The stream owns the handle.")]
    public static FileStream OpenStream(string path) => new(Open(path), FileAccess.Read, 1 << 16);

    /// <summary>A small text file; null when it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="InputException">It is larger, or something else than a file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string? ReadText(string path, int most) =>
        ReadBytes(path, most) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>A small file; null when it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <param name="followLink">Whether a symbolic link is followed: see <see cref="Open"/>.</param>
    /// <exception cref="InputException">It is larger, or something else than a file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[]? ReadBytes(string path, int most, bool followLink = false)
    {
        // Files that are looked at every second are absent as a rule: an exception each time would cost the most.
        if (FileStamp.Of(path) is null)
        {
            return null;
        }

        try
        {
            using var file = Open(path, followLink);
            var length = RandomAccess.GetLength(file);
            if (length > most)
            {
                throw new InputException(
                    InvariantText.Of($"{path} has {length} bytes, expected at most {most}. Restore it or delete it"));
            }

            var bytes = new byte[length];
            var read = 0;
            while (RandomAccess.Read(file, bytes.AsSpan(read), read) is > 0 and var more)
            {
                read += more;
            }

            return read == bytes.Length ? bytes : bytes[..read];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether a log ends with the end of a line. A crash or a full disk may have cut the last line off: then the next
    /// one must not be written on to it.
    /// </summary>
    /// <param name="file">An open file of lines.</param>
    /// <param name="length">Its bytes.</param>
    public static bool EndsWithLine(SafeFileHandle file, long length)
    {
        Span<byte> last = stackalloc byte[1];
        return length == 0 || (RandomAccess.Read(file, last, length - 1) == 1 && last[0] == '\n');
    }

    private static InputException Unexpected(string path, FileStamp found) =>
        new($"{path} is {found.KindText}, expected a regular file. Remove it, or put the file itself there");

    private static IOException Failure(string path, int error) => error switch
    {
        Libc.NoEntry or Libc.NotFolder => new FileNotFoundException($"{path} is not there", path),
        _ => new IOException($"cannot read {path}: {new Win32Exception(error).Message}", error),
    };
}
