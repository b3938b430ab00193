using Engine.Snapshots.Files;

namespace Engine.Snapshots.Writing;

/// <summary>Temporary files that a killed writer left behind.</summary>
public static class Leftovers
{
    /// <summary>A file that was written to a moment ago may be between its last write and its rename.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Deletes the temporary files of a folder whose writer is gone: nobody holds the lock that a writer has while it
    /// writes, and the last write is a minute ago. What cannot be deleted stays.
    /// </summary>
    /// <param name="folder">The folder; it need not exist. Folders in it are not looked into.</param>
    /// <param name="now">The time.</param>
    /// <returns>The paths and bytes of the deleted files.</returns>
    public static IReadOnlyList<(string Path, long Bytes)> Sweep(string folder, DateTimeOffset now)
    {
        try
        {
            return FileStamp.Of(folder) is { Kind: FileKind.Folder }
                ? Sweep(
                    Directory.EnumerateFiles(folder, ".*").Where(path => TemporaryFile.IsName(Path.GetFileName(path))),
                    now)
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be read keeps its leftovers; whoever needs the folder reports it.
            return [];
        }
    }

    /// <summary>The same for files of other names that nobody needs any more.</summary>
    public static IReadOnlyList<(string Path, long Bytes)> Sweep(IEnumerable<string> files, DateTimeOffset now)
    {
        var deleted = new List<(string, long)>();
        foreach (var path in files)
        {
            if (TryDelete(path, now) is { } bytes)
            {
                deleted.Add((path, bytes));
            }
        }

        return deleted;
    }

    /// <summary>Deletes a folder that is empty, and was changed a minute ago or earlier.</summary>
    public static bool TryDeleteEmpty(string folder, DateTimeOffset now)
    {
        try
        {
            if (now - Directory.GetLastWriteTimeUtc(folder) < Age || Directory.EnumerateFileSystemEntries(folder).Any())
            {
                return false;
            }

            Directory.Delete(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long? TryDelete(string path, DateTimeOffset now)
    {
        try
        {
            if (FileStamp.Of(path) is not { Kind: FileKind.Regular } || now - File.GetLastWriteTimeUtc(path) < Age)
            {
                return null;
            }

            // A living writer holds a lock on its file, so this fails.
            using var owner = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
            var bytes = owner.Length;
            File.Delete(path);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
