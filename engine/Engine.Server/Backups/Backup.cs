using Engine.Server.Access;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Backups;

/// <summary>One file with what workspaces need to be served and trained again, made while engines run.</summary>
internal static class Backup
{
    /// <summary>The file of keys, in a root and in a backup.</summary>
    public const string KeysName = $"{AccessFolder.Name}/keys.json";

    /// <summary>
    /// Writes a backup to a temporary file, reads every byte of it back, and renames it into place. Only its owner may
    /// read it: it holds ids of people.
    /// </summary>
    /// <param name="path">Nothing may be there.</param>
    /// <param name="root">The snapshot root.</param>
    /// <param name="workspaces">Which ones.</param>
    /// <param name="content">What else it holds.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InputException">Something is there, or a workspace is not.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static BackupManifest Write(
        string path, string root, IReadOnlyList<string> workspaces, BackupContent content, DateTimeOffset now)
    {
        if (FileStamp.Of(path) is not null)
        {
            throw new InputException($"{path} exists. Choose another name, or delete it first");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Leftovers.Sweep(folder, now);
        var temporary = TemporaryFile.In(folder);
        try
        {
            BackupManifest manifest;
            using (var file = AtomicFile.Create(temporary, isPrivate: true))
            {
                manifest = Write(file, root, workspaces, content, now);
                file.Flush(flushToDisk: true);
            }

            BackupReader.Read(temporary);
            AtomicFile.Rename(temporary, path);
            return manifest;
        }
        catch (UnauthorizedAccessException e)
        {
            throw StorageException.Of(path, e);
        }
        finally
        {
            TemporaryFile.TryDelete(temporary);
        }
    }

    /// <summary>Earlier backups in the folder of one, named after their times, beyond a number.</summary>
    public static IEnumerable<string> Excess(string path, int kept) =>
        Directory.GetFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, "engine-????????T??????Z.tar")
            .OrderDescending(StringComparer.Ordinal)
            .Skip(kept);

    private static BackupManifest Write(
        Stream output, string root, IReadOnlyList<string> workspaces, BackupContent content, DateTimeOffset now)
    {
        using var backup = new BackupWriter(output, now);
        foreach (var workspace in workspaces)
        {
            new WorkspaceBackup(new SnapshotDirectory(root, workspace), backup).Write(content.AllSnapshots);
        }

        if (content.Keys && !backup.Add(KeysName, KeyFile.PathOf(root, "")))
        {
            throw new InputException($"{KeyFile.PathOf(root, "")} is not there. Leave out --with-keys");
        }

        return backup.Complete(workspaces);
    }
}

/// <summary>What a backup holds besides what is needed.</summary>
/// <param name="AllSnapshots">Every published snapshot, not only those that something names.</param>
/// <param name="Keys">The keys of callers.</param>
internal sealed record BackupContent(bool AllSnapshots, bool Keys);
