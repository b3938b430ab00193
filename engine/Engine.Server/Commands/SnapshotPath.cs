using System.CommandLine;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>The SNAPSHOT argument: a file, a workspace folder or a snapshot root; a folder means its CURRENT.</summary>
internal static class SnapshotPath
{
    /// <summary>As an argument.</summary>
    public static Argument<string> Argument() =>
        new("snapshot")
        {
            Description = "A .snapshot file, or a folder: then its CURRENT (in ROOT, that of workspace 'default').",
        };

    /// <summary>The snapshot file.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static string Resolve(string path)
    {
        if (File.Exists(path))
        {
            return path;
        }

        if (!Directory.Exists(path))
        {
            throw new InputException(
                $"'{path}' is neither a file nor a folder. Give a .snapshot file or a folder with CURRENT");
        }

        var folder = File.Exists(Path.Combine(path, "CURRENT"))
            ? Path.GetFullPath(path)
            : Path.GetFullPath(Path.Combine(path, SnapshotDirectory.DefaultWorkspace));
        var directory = new SnapshotDirectory(
            Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) ?? "",
            Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)));
        return directory.ReadCurrent() is { } id
            ? directory.FilePath(id)
            : throw new InputException($"nothing is published in '{path}' yet; run `trainer train --out {path}`");
    }
}
