namespace Engine.Server.Backups;

/// <summary>The last entry of a backup: without it the file is not whole.</summary>
/// <param name="Format">Of the backup; see <see cref="CurrentFormat"/>.</param>
/// <param name="Created">When it was begun.</param>
/// <param name="Workspaces">Each is whole in it.</param>
/// <param name="Files">All other entries, in their order.</param>
internal sealed record BackupManifest(
    int Format, DateTimeOffset Created, IReadOnlyList<string> Workspaces, IReadOnlyList<BackedUpFile> Files)
{
    /// <summary>The format that this program writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The name of its entry.</summary>
    public const string EntryName = "backup.json";

    /// <summary>The most bytes that it may have.</summary>
    public const long MaximumBytes = 1L << 30;

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>A file in a backup.</summary>
/// <param name="Name">WORKSPACE/..., with '/'.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal digits.</param>
internal sealed record BackedUpFile(string Name, long Bytes, string Sha256);
