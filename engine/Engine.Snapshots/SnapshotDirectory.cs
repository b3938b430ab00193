using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// The snapshots of one workspace: <c>ROOT/WORKSPACE/ID.snapshot</c> and <c>ROOT/WORKSPACE/CURRENT</c>, a text file with the id
/// that is to be served. Files appear whole, by rename, and never change.
/// </summary>
public sealed class SnapshotDirectory
{
    /// <summary>The workspace of everybody who names none.</summary>
    public const string DefaultWorkspace = "default";

    private const string Extension = ".snapshot";
    private const string CurrentName = "CURRENT";

    /// <summary>The workspace <paramref name="workspace"/> below <paramref name="root"/>; nothing need exist yet.</summary>
    /// <exception cref="InputException">The name is not of letters, digits, '-' and '_', at most 64 of them.</exception>
    public SnapshotDirectory(string root, string workspace = DefaultWorkspace)
    {
        if (!IsName(workspace))
        {
            throw new InputException($"found workspace '{workspace}', expected 1..64 letters, digits, '-' or '_'");
        }

        Workspace = workspace;
        Path = System.IO.Path.Combine(root, workspace);
    }

    /// <summary>The tenant.</summary>
    public string Workspace { get; }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The workspaces that have a folder below <paramref name="root"/>, in ordinal order.</summary>
    public static IReadOnlyList<string> Workspaces(string root) => Directory.Exists(root)
        ? [.. Directory.EnumerateDirectories(root).Select(folder => System.IO.Path.GetFileName(folder)).Where(IsName).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The ids of the published snapshots, newest data first.</summary>
    public IReadOnlyList<string> List() => Directory.Exists(Path)
        ? [.. Directory.EnumerateFiles(Path, "*" + Extension).Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).OrderDescending(StringComparer.Ordinal)]
        : [];

    /// <summary>The id in CURRENT, or null when nothing is published.</summary>
    /// <exception cref="InputException">CURRENT does not hold an id.</exception>
    public string? ReadCurrent()
    {
        try
        {
            var id = File.ReadAllText(CurrentPath).Trim();
            return IsName(id) ? id : throw new InputException($"{CurrentPath} holds '{(id.Length > 80 ? id[..80] : id)}', expected a snapshot id: publish again or write the id of one of the files beside it");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Where the snapshot of this id lies or would lie.</summary>
    /// <exception cref="InputException">The id has characters that no id has.</exception>
    public string FilePath(string id) => IsName(id)
        ? System.IO.Path.Combine(Path, id + Extension)
        : throw new InputException($"found snapshot id '{id}', expected 1..64 letters, digits, '-' or '_'");

    /// <summary>Opens and verifies the snapshot of this id.</summary>
    /// <exception cref="InputException">There is none, it is damaged, or the file holds another one.</exception>
    public Snapshot Open(string id)
    {
        var path = FilePath(id);
        if (!File.Exists(path))
        {
            throw new InputException($"snapshot '{id}' is not in {Path}, expected one of: {string.Join(", ", List().DefaultIfEmpty("(none published)"))}");
        }

        var snapshot = Snapshot.OpenVerified(path);
        if (snapshot.Id == id)
        {
            return snapshot;
        }

        var found = snapshot.Id;
        snapshot.Dispose();
        throw new SnapshotFormatException(path, $"found snapshot {found} in it, expected {id}");
    }

    /// <summary>
    /// Writes the content to a temporary file, fsyncs and verifies it, renames it into place under its id, and moves CURRENT.
    /// A failure at any step leaves CURRENT and every published file unchanged.
    /// </summary>
    /// <returns>The id.</returns>
    /// <exception cref="InputException">The content is refused.</exception>
    public string Publish(SnapshotContent content)
    {
        Directory.CreateDirectory(Path);
        var temporary = System.IO.Path.Combine(Path, $".{Guid.NewGuid():N}.partial");
        try
        {
            SnapshotWriter.Write(temporary, content);
            string id;
            using (var snapshot = Snapshot.OpenVerified(temporary))
            {
                id = snapshot.Id;
            }

            AtomicFile.Rename(temporary, FilePath(id));
            Activate(id);
            return id;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Moves CURRENT to a published id, by an atomic rename, and notes both in HISTORY.</summary>
    public void Activate(string id)
    {
        var history = new CurrentHistory(Path);
        if (SoundCurrent() is { } before)
        {
            history.Add(before);
        }

        AtomicFile.Write(CurrentPath, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(id + "\n")));
        history.Add(id);
    }

    /// <summary>The published id that CURRENT named before the present one, or null: what a rollback activates.</summary>
    public string? Previous()
    {
        var current = SoundCurrent();
        var ids = new CurrentHistory(Path).Read();
        var last = ids.Count - 1;
        while (last >= 0 && ids[last] != current)
        {
            last--;
        }

        // A HISTORY without the present one was written before someone moved CURRENT by hand: all of it came before.
        var before = last < 0 ? ids : ids.Take(last);
        return before.LastOrDefault(id => id != current && IsName(id) && File.Exists(FilePath(id)));
    }

    /// <summary>
    /// Deletes published snapshots, oldest publication first, until <paramref name="keep"/> are left. The one that CURRENT
    /// names and the one that a rollback would activate are never deleted. An engine that serves a deleted file keeps it mapped.
    /// </summary>
    /// <param name="keep">1 or more.</param>
    /// <returns>The deleted ids.</returns>
    public IReadOnlyList<string> Prune(int keep)
    {
        if (keep < 1)
        {
            throw new InputException($"found keep {keep}; expected 1 or more");
        }

        var (current, previous) = (ReadCurrent(), Previous());
        var deleted = List()
            .OrderByDescending(id => id == current || id == previous)
            .ThenByDescending(id => File.GetLastWriteTimeUtc(FilePath(id)))
            .Skip(keep)
            .Where(id => id != current && id != previous)
            .ToArray();
        foreach (var id in deleted)
        {
            File.Delete(FilePath(id));
        }

        return deleted;
    }

    /// <summary>Removes CURRENT: nothing is named to be served. The published files stay.</summary>
    public void Deactivate() => File.Delete(CurrentPath);

    /// <summary>The id in CURRENT, or null when there is none or it holds something else.</summary>
    private string? SoundCurrent()
    {
        try
        {
            return ReadCurrent();
        }
        catch (InputException)
        {
            return null;
        }
    }

    private string CurrentPath => System.IO.Path.Combine(Path, CurrentName);

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
