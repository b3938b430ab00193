using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Cluster.Documents;

/// <summary>
/// The documents of one workspace on this node: files of its folder that equal those of the database. A change is in
/// the database before it is on the disk and before it is confirmed; changes of other nodes appear on the disk by
/// <see cref="Follow"/>. Whoever reads the files sees both alike. Reading goes on without the database.
/// </summary>
public sealed class WorkspaceDocuments
{
    /// <summary>The file in a workspace's folder that names the cluster whose documents it holds.</summary>
    public const string MarkName = "CLUSTER";

    private const int Tries = 10;
    private static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(5);

    private readonly DocumentTable _table;
    private readonly string _cluster;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, StoredDocument> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileStamp?> _edited = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();
    private long _applied;
    private long? _refused;
    private volatile string? _problem = "its documents have not been compared with the cluster's yet";

    internal WorkspaceDocuments(
        DocumentTable table, string cluster, string workspace, string folder, TimeProvider time) =>
        (_table, _cluster, Workspace, _folder, _time) = (table, cluster, workspace, folder, time);

    /// <summary>The workspace.</summary>
    public string Workspace { get; }

    /// <summary>Why this node may hold other documents than the cluster; null when it holds the same.</summary>
    public string? Problem => _problem;

    /// <summary>
    /// Decides and writes on the latest documents of the cluster: what <paramref name="change"/> reads stays the latest
    /// until it ends. It is repeated when another node was faster.
    /// </summary>
    /// <exception cref="StorageException">The database does not answer: nothing was changed.</exception>
    public T Change<T>(Func<T> change)
    {
        for (var tried = 1; ; tried++)
        {
            lock (_turn)
            {
                try
                {
                    return _table.InTurn(
                        Workspace,
                        () =>
                        {
                            Refresh();
                            return change();
                        });
                }
                catch (ConflictException) when (tried < Tries)
                {
                    // The next look sees what the other node saved.
                }
            }
        }
    }

    /// <summary>Writes a file of the folder, in the database first. Only within <see cref="Change"/>.</summary>
    public void Write(string path, Action<Stream> write)
    {
        using var content = new MemoryStream();
        write(content);
        var bytes = content.ToArray();
        var stored = Store(path, bytes);
        try
        {
            SharedFiles.Write(path, bytes);
        }
        catch
        {
            // It is saved; this node reads it from the database as soon as its disk can be written.
            _known.Remove(stored.Path);
            _applied = Math.Min(_applied, stored.Change - 1);
            throw;
        }
    }

    /// <summary>Deletes a file of the folder, in the database first. Only within <see cref="Change"/>.</summary>
    public void Delete(string path)
    {
        if (_known.TryGetValue(NameOf(path), out var known) && !known.IsDeleted)
        {
            Store(path, null);
        }

        AtomicFile.Delete(path);
    }

    /// <summary>Brings the folder up to the database, and files that people edit by hand into the database.</summary>
    /// <param name="change">The latest change of the workspace; 0 when the database does not know it.</param>
    /// <exception cref="StorageException">The database does not answer.</exception>
    internal void Follow(long change)
    {
        lock (_turn)
        {
            if (_refused is { } since && _time.GetElapsedTime(since) < RefusalPause)
            {
                return;
            }

            if (_problem is not null || change > _applied)
            {
                Refresh();
                _applied = Math.Max(_applied, change);
            }

            foreach (var path in SharedFiles.Edited.Select(name => Path.Combine(_folder, name)))
            {
                if (FileStamp.Of(path) is var stamp && stamp != _edited.GetValueOrDefault(path))
                {
                    TakeEdited(path);
                    _edited[path] = FileStamp.Of(path);
                }
            }
        }
    }

    private void Refresh()
    {
        if (_problem is not null)
        {
            Join();
        }

        foreach (var document in _table.Since(Workspace, _applied))
        {
            Apply(document);
            _applied = document.Change;
        }
    }

    // The folder of a node that was away, or of one that comes for the first time.
    private void Join()
    {
        var mark = PlainFile.ReadText(MarkPath, 1 << 10)?.Trim();
        if (mark is not null && mark != _cluster)
        {
            throw Refuse(
                $"{MarkPath} says that the folder belongs to cluster '{mark}'; expected '{_cluster}'. Use another "
                + "folder, or delete the file if that cluster is no more");
        }

        var stored = _table.Since(Workspace, 0);
        var own = SharedFiles.In(_folder);
        if (mark is null && stored.Count > 0
            && own.FirstOrDefault(name => !stored.Any(row => row.Path == name && IsEqual(row))) is { } foreign)
        {
            throw Refuse(
                $"{Path.Combine(_folder, foreign)} was saved before this node joined, and cluster '{_cluster}' knows "
                + $"workspace '{Workspace}' without it. Expected an empty folder. Move the saved pools, placements, "
                + "experiments, audiences and blocked products away, and save them again through the cluster");
        }

        if (mark is null)
        {
            AtomicFile.Write(MarkPath, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(_cluster + "\n")));
        }

        _known.Clear();
        foreach (var document in stored)
        {
            Apply(document);
            _applied = document.Change;
        }

        foreach (var name in own.Where(name => !_known.ContainsKey(name)))
        {
            // The first node brings its documents along.
            Store(Path.Combine(_folder, name), File.ReadAllBytes(Path.Combine(_folder, name)));
        }

        (_problem, _refused) = (null, null);
    }

    private StorageException Refuse(string reason)
    {
        (_problem, _refused) = (reason, _time.GetTimestamp());
        return new StorageException(reason);
    }

    private void Apply(StoredDocument document)
    {
        if (_known.TryGetValue(document.Path, out var known) && known.Version >= document.Version)
        {
            return;
        }

        var path = Path.Combine(_folder, document.Path);
        if (document.IsDeleted)
        {
            AtomicFile.Delete(path);
        }
        else if (!IsEqual(document))
        {
            // Null: a later change has replaced it, and comes next.
            if (_table.Read(Workspace, document) is not { } bytes)
            {
                return;
            }

            SharedFiles.Write(path, bytes);
        }

        _known[document.Path] = document;
        _edited[path] = FileStamp.Of(path);
    }

    // Of two edits at once the cluster keeps the first; the second one is replaced by it at the next look.
    private void TakeEdited(string path)
    {
        var bytes = PlainFile.ReadBytes(path, 1 << 20);
        var known = _known.GetValueOrDefault(NameOf(path));
        if (bytes is null ? known is { IsDeleted: false } : known?.Sha256 != DocumentTable.HashOf(bytes))
        {
            try
            {
                Store(path, bytes);
            }
            catch (ConflictException)
            {
                Refresh();
            }
        }
    }

    private StoredDocument Store(string path, byte[]? bytes)
    {
        var name = NameOf(path);
        var version = _known.TryGetValue(name, out var known) ? known.Version : 0;
        return _known[name] =
            _table.TryWrite(Workspace, name, version, bytes) ?? throw new ConflictException();
    }

    private bool IsEqual(StoredDocument document) =>
        Path.Combine(_folder, document.Path) is var path
        && (File.Exists(path)
            ? !document.IsDeleted && DocumentTable.HashOf(File.ReadAllBytes(path)) == document.Sha256
            : document.IsDeleted);

    private string NameOf(string path) => Path.GetRelativePath(_folder, path).Replace('\\', '/');

    private string MarkPath => Path.Combine(_folder, MarkName);

    private sealed class ConflictException() : StorageException(
        "another node of the cluster has saved the same thing. Nothing was changed. Repeat the call");
}
