using Engine.Cluster.Documents;
using Engine.Cluster.Fleet;
using Engine.Cluster.Parts;
using Engine.Server.Errors;
using Engine.Server.Events;
using Engine.Server.Retention;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Backups;

/// <summary>
/// What belongs to a backup of a workspace, read while other programs change it. Published files never change, so a
/// snapshot that is open is whole whatever becomes of its name; a store is copied under its own lock of writers.
/// </summary>
/// <param name="directory">The workspace.</param>
/// <param name="backup">Takes the files.</param>
internal sealed class WorkspaceBackup(SnapshotDirectory directory, BackupWriter backup)
{
    private const int Tries = 20;

    // Each has a lock of its writers with it, and nothing but complete files.
    private static readonly string[] Stores = ["pools", "placements", "experiments", "audiences"];

    // What ties a folder to its cluster: a restored one is nobody's.
    private static readonly string[] OfCluster =
        [ClusterTasks.PlaceName, WorkspaceDocuments.MarkName, WorkspaceFleet.MarkName];

    /// <summary>Adds all of it.</summary>
    /// <param name="allSnapshots">Every published snapshot, not only those that are needed.</param>
    public void Write(bool allSnapshots)
    {
        // First the list of tasks: each that is in it has its snapshot, and no later one is there without it.
        var tasks = new TaskStore(directory.Path);
        var listed = tasks.Load([]);
        WriteSnapshots(allSnapshots);
        foreach (var store in Stores.Where(store => Directory.Exists(In(store))))
        {
            using var taken = WriterLock.Take(Path.Combine(In(store), ".lock"));
            WriteFolder(store);
        }

        if (Directory.Exists(In("forgotten")))
        {
            WriteFolder("forgotten");
        }

        foreach (var task in listed)
        {
            WriteTask(tasks, task.Id);
        }

        WriteEvents();
    }

    // After the tasks, which name versions of the log. A record that is being written is cut off where it is restored,
    // as after a crash: nobody has acknowledged it.
    private void WriteEvents()
    {
        foreach (var path in EventSegment.Of(In("events")))
        {
            try
            {
                using var file = PlainFile.OpenStream(path);
                backup.AddGrowing(NameOf(path), file);
            }
            catch (FileNotFoundException)
            {
                // No published snapshot needs its events any more.
            }
        }
    }

    // CURRENT, its history and the files that they name belong together: nobody moves or deletes one of them meanwhile.
    private void WriteSnapshots(bool all)
    {
        var open = new List<(string Name, FileStream File)>();
        try
        {
            using (WriterLock.Take(In(".lock")))
            {
                string?[] needed =
                [
                    .. all ? directory.List() : NeededSnapshots.Of(directory),
                    directory.ReadCurrent(),
                    directory.Previous(),
                ];
                foreach (var id in needed.OfType<string>().Distinct().Where(id => directory.StampOf(id) is not null))
                {
                    open.Add((NameOf(directory.FilePath(id)), PlainFile.OpenStream(directory.FilePath(id))));
                }

                foreach (var path in PlainFiles(directory.Path)
                    .Where(path => !IsSnapshot(path) && !OfCluster.Contains(Path.GetFileName(path))))
                {
                    backup.Add(NameOf(path), path);
                }
            }

            open.ForEach(pair => backup.Add(pair.Name, pair.File));
        }
        finally
        {
            open.ForEach(pair => pair.File.Dispose());
        }
    }

    // A task that has not ended starts again where it is restored: what it has written so far is left out.
    private void WriteTask(TaskStore tasks, string id)
    {
        var folder = Path.Combine(ClusterTasks.FolderOf(directory.Path), id);
        for (var tried = 0; tried < Tries; tried++)
        {
            var open = new List<(string Name, FileStream File)>();
            try
            {
                var (before, hasEnded) = (FileStamp.Of(folder), tasks.Get(id).HasEnded);
                open.AddRange(PlainFiles(folder)
                    .Where(path => hasEnded || !Path.GetFileName(path).StartsWith("result", StringComparison.Ordinal))
                    .Select(path => (
                        $"{directory.Workspace}/tasks/{id}/{Path.GetFileName(path)}", PlainFile.OpenStream(path))));
                if (before == FileStamp.Of(folder) && hasEnded == tasks.Get(id).HasEnded)
                {
                    open.ForEach(pair => backup.Add(pair.Name, pair.File));
                    return;
                }
            }
            catch (NotFoundException)
            {
                return;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // A file was replaced in between.
            }
            finally
            {
                open.ForEach(pair => pair.File.Dispose());
            }
        }

        throw new InputException($"{folder} keeps changing. Repeat the backup");
    }

    private void WriteFolder(string name)
    {
        foreach (var path in Directory.EnumerateFiles(In(name), "*", SearchOption.AllDirectories).Where(IsKept))
        {
            backup.Add(NameOf(path), path);
        }
    }

    private static IEnumerable<string> PlainFiles(string folder) => Directory.EnumerateFiles(folder).Where(IsKept);

    // Neither locks nor temporary files.
    private static bool IsKept(string path) =>
        Path.GetFileName(path) is var name && !name.StartsWith('.') && !name.EndsWith(".lock", StringComparison.Ordinal)
        && FileStamp.Of(path) is { Kind: FileKind.Regular };

    private static bool IsSnapshot(string path) => path.EndsWith(".snapshot", StringComparison.Ordinal);

    private string In(string name) => Path.Combine(directory.Path, name);

    private string NameOf(string path) =>
        $"{directory.Workspace}/{Path.GetRelativePath(directory.Path, path).Replace(Path.DirectorySeparatorChar, '/')}";
}
