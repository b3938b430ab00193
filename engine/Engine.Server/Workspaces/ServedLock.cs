using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Workspaces;

/// <summary>
/// The lock file WORKSPACE/SERVED.lock: every engine that serves the workspace shares it, in a cluster too. Whoever
/// has it alone may put another folder in place of this one.
/// </summary>
internal static class ServedLock
{
    private const string Name = "SERVED.lock";

    /// <summary>Shares it; null when another one has it alone, or when the folder cannot be written.</summary>
    public static WriterLock? TryShare(string workspaceFolder)
    {
        try
        {
            return FileStamp.Of(workspaceFolder) is { Kind: FileKind.Folder }
                ? WriterLock.TryShare(Path.Combine(workspaceFolder, Name))
                : null;
        }
        catch (StorageException)
        {
            return null;
        }
    }

    /// <summary>Takes it; null while an engine serves the workspace.</summary>
    /// <exception cref="StorageException">The lock file cannot be opened.</exception>
    public static WriterLock? TryTake(string workspaceFolder) =>
        WriterLock.TryTake(Path.Combine(workspaceFolder, Name));
}
