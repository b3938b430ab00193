using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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

    /// <summary>
    /// Copies an open file; null where there is no room or no right for it, and on systems that keep mapped files as
    /// they are.
    /// </summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The caller owns the handle.")]
    public static SafeFileHandle? TryMake(SafeFileHandle file, string path)
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

            // By the number of the handle: the name may stand for another file by now.
            File.Copy(
                string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}"), temporary);
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
}
