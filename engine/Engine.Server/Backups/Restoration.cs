using System.Formats.Tar;
using Engine.Server.Access;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Backups;

/// <summary>
/// Restores workspaces from a backup: all into a hidden folder of the root, checked there, then renamed into place one
/// by one, each in one step. Until then nothing has changed; a failure takes back those that were renamed. A kill
/// leaves each workspace as it was or restored.
/// </summary>
/// <param name="path">The backup.</param>
/// <param name="root">The snapshot root; it is created.</param>
/// <param name="replace">Whether a workspace or file of keys that is there is replaced.</param>
internal sealed class Restoration(string path, string root, bool replace)
{
    // Closed to others, as their writers make them.
    private static readonly string[] Private = ["forgotten", AccessFolder.Name];

    private const string Staging = ".restore-";
    private const string Lock = ".lock";

    private readonly string _staged = Path.Combine(Path.GetFullPath(root), $"{Staging}{Guid.NewGuid():N}");
    private readonly List<WriterLock> _locks = [];
    private readonly Stack<Action> _undo = new();

    /// <summary>Restores.</summary>
    /// <param name="workspace">The only workspace; null for all.</param>
    /// <param name="keys">Whether the keys of callers are restored too.</param>
    /// <returns>What was restored, and where the replaced folders are now.</returns>
    /// <exception cref="InputException">
    /// The backup is damaged or lacks what is asked for, something is there already, or it is in use.
    /// </exception>
    public Restored Run(string? workspace, bool keys)
    {
        Sweep(root);
        using var alive = WriterLock.Take(_staged + Lock);
        AtomicFile.CreateFolder(_staged);
        try
        {
            var manifest = BackupReader.Read(path, entry => Create(entry, workspace, keys));
            string[] names = workspace is null ? [.. manifest.Workspaces] : [workspace];
            if (!names.All(manifest.Workspaces.Contains))
            {
                throw new InputException(
                    $"{path} holds no workspace '{workspace}'; expected one of: "
                    + string.Join(", ", manifest.Workspaces));
            }

            // Before the long checks: what is there stays there.
            var targets = names.Concat(keys ? [Backup.KeysName] : []).Select(name => (name, Target(name))).ToArray();
            var snapshots = names.Sum(Verify);
            foreach (var name in names)
            {
                ForgottenPeople.Settle(Path.Combine(_staged, name), Path.Combine(root, name));
            }

            var replaced = targets.Select(target => Place(target.name, target.Item2)).OfType<string>().ToArray();
            _undo.Clear();
            return new Restored(names, snapshots, replaced);
        }
        finally
        {
            while (_undo.TryPop(out var undo))
            {
                undo();
            }

            _locks.ForEach(held => held.Dispose());
            Directory.Delete(_staged, recursive: true);
            File.Delete(_staged + Lock);
        }
    }

    /// <summary>Deletes what killed restores left behind in a root. What cannot be deleted stays.</summary>
    public static void Sweep(string root)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (var path in Directory.GetFiles(root, $"{Staging}*{Lock}"))
        {
            try
            {
                // A restore that runs holds its lock.
                using var dead = WriterLock.TryTake(path);
                if (dead is not null)
                {
                    Directory.CreateDirectory(path[..^Lock.Length]).Delete(recursive: true);
                    File.Delete(path);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next one tries again.
            }
        }
    }

    private FileStream? Create(TarEntry entry, string? workspace, bool keys)
    {
        var first = entry.Name[..entry.Name.IndexOf('/', StringComparison.Ordinal)];
        if (entry.Name == Backup.KeysName ? !keys : workspace is not null && first != workspace)
        {
            return null;
        }

        // Refuses names that no workspace has.
        var file = entry.Name == Backup.KeysName
            ? Path.Combine(_staged, entry.Name)
            : Path.Combine(new SnapshotDirectory(_staged, first).Path, entry.Name[(first.Length + 1)..]);
        CreateFolder(Path.GetDirectoryName(file)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = entry.Mode & (UnixFileMode)0b111_111_111;
        }

        return new FileStream(file, options);
    }

    private void CreateFolder(string folder)
    {
        if (!OperatingSystem.IsWindows()
            && Path.GetRelativePath(_staged, folder).Split(Path.DirectorySeparatorChar).Any(Private.Contains))
        {
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        else
        {
            AtomicFile.CreateFolder(folder);
        }
    }

    // Where something goes; what is there must not be in use.
    private string Target(string name)
    {
        var target = Path.Combine(Path.GetFullPath(root), name);
        if (FileStamp.Of(Path.Combine(_staged, name)) is null)
        {
            throw new InputException($"{path} holds no {name}. Leave out what it does not hold");
        }

        if (FileStamp.Of(target) is not { } found)
        {
            return target;
        }

        if (!replace)
        {
            throw new InputException(
                $"{target} exists. Restore into another --snapshots folder, or replace it with --replace");
        }

        if (found.Kind == FileKind.Folder)
        {
            _locks.Add(ServedLock.TryTake(target) ?? throw Used(target));
            _locks.Add(new TaskStore(target).TryLock() ?? throw Used(target));
            _locks.Add(WriterLock.TryTake(Path.Combine(target, "TRAINING.lock")) ?? throw Used(target));
        }

        return target;
    }

    private static InputException Used(string target) =>
        new($"{target} is used by a running engine or training. Stop it, then restore");

    // Every byte of every snapshot, by its own checksums; and CURRENT must name one.
    private int Verify(string workspace)
    {
        var directory = new SnapshotDirectory(_staged, workspace);
        foreach (var id in directory.List())
        {
            directory.Open(id).Dispose();
        }

        return directory.ReadCurrent() is { } current && directory.StampOf(current) is null
            ? throw new InputException($"CURRENT of workspace '{workspace}' in {path} names {current}, which it lacks")
            : directory.List().Count;
    }

    private string? Place(string name, string target)
    {
        var staged = Path.Combine(_staged, name);
        string? replaced = null;
        if (FileStamp.Of(target) is not null)
        {
            replaced = Path.Combine(
                Path.GetFullPath(root), $".replaced-{Guid.NewGuid():N}-{name.Replace('/', '-').TrimStart('.')}");
            Move(staged, replaced);
            if (AtomicFile.TryExchange(replaced, target))
            {
                _undo.Push(() => AtomicFile.TryExchange(replaced, target));
                return replaced;
            }

            // Two steps: killed between them, the workspace is the folder of this name.
            Move(replaced, staged);
            Move(target, replaced);
        }

        AtomicFile.CreateFolder(Path.GetDirectoryName(target)!);
        Move(staged, target);
        return replaced;
    }

    private void Move(string from, string to)
    {
        if (Directory.Exists(from))
        {
            AtomicFile.RenameFolder(from, to);
        }
        else
        {
            AtomicFile.Rename(from, to);
        }

        _undo.Push(() => Directory.Move(to, from));
    }
}

/// <summary>What was restored.</summary>
/// <param name="Workspaces">These.</param>
/// <param name="Snapshots">Verified snapshots in them.</param>
/// <param name="Replaced">Where the folders and files are that were there before.</param>
internal sealed record Restored(IReadOnlyList<string> Workspaces, int Snapshots, IReadOnlyList<string> Replaced);
