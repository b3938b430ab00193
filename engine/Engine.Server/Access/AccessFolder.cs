using Engine.Snapshots.Writing;

namespace Engine.Server.Access;

/// <summary>
/// The folder of keys and audit log below the snapshot root. Its name is none that a workspace can have.
/// </summary>
internal static class AccessFolder
{
    /// <summary>Below the snapshot root.</summary>
    public const string Name = ".access";

    /// <summary>Makes the folder of a file, readable by its owner alone.</summary>
    public static void CreateFor(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Lets only the owner read and write a file.</summary>
    public static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>
    /// Waits for the turn to change something. The lock lies in a folder that only its owner may read.
    /// </summary>
    /// <exception cref="StorageException">Another program keeps it, or it cannot be made.</exception>
    public static WriterLock Lock(string path)
    {
        CreateFor(path);
        return WriterLock.Take(path);
    }
}
