namespace Engine.Server.Access;

/// <summary>The folder of keys and audit log below the snapshot root. Its name is none that a workspace can have.</summary>
internal static class AccessFolder
{
    /// <summary>Below the snapshot root.</summary>
    public const string Name = ".access";

    private const int Attempts = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

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
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
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

    /// <summary>Waits for the turn to change something, up to two seconds. A crash gives the turn back.</summary>
    /// <exception cref="InputException">Another program keeps it.</exception>
    public static FileStream Lock(string path)
    {
        CreateFor(path);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                if (attempt == Attempts)
                {
                    throw new InputException($"cannot lock {path} ({e.Message}). Wait for the program that changes it, and try again", e);
                }

                Thread.Sleep(Pause);
            }
        }
    }
}
