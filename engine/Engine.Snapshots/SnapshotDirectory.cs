using Engine.Snapshots.Files;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// The snapshots of one workspace: <c>ROOT/WORKSPACE/ID.snapshot</c> and <c>ROOT/WORKSPACE/CURRENT</c>, a text file
/// with the id that is to be served. Files appear whole, by rename, and never change. Symbolic links in it are not
/// followed. Whoever moves CURRENT or deletes files holds the lock of the folder, so that several programs can share
/// it.
/// </summary>
public sealed class SnapshotDirectory
{
    /// <summary>The workspace of everybody who names none.</summary>
    public const string DefaultWorkspace = "default";

    /// <summary>
    /// The file that names the last snapshot that a policy let pass: what a restart serves before a new one is judged.
    /// </summary>
    public const string PassedName = "policy.passed";

    private const string Extension = ".snapshot";
    private const string CurrentName = "CURRENT";
    private const int MaximumCurrent = 1 << 12;

    /// <summary>What a folder holds that a program has made a workspace.</summary>
    private static readonly string[] Marks =
        [CurrentName, "HISTORY", "MODEL.json", "blocked.json", "pools", "audiences"];

    /// <summary>
    /// The workspace <paramref name="workspace"/> below <paramref name="root"/>; nothing need exist yet.
    /// </summary>
    /// <exception cref="InputException">
    /// The name is not of letters, digits, '-' and '_', at most 64 of them.
    /// </exception>
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

    /// <summary>
    /// The workspaces below <paramref name="root"/>, in ordinal order: folders that a program has published or saved
    /// something in. Other folders and symbolic links are none.
    /// </summary>
    public static IReadOnlyList<string> Workspaces(string root) => Directory.Exists(root)
        ? [.. Directory
            .EnumerateDirectories(root)
            .Select(folder => System.IO.Path.GetFileName(folder))
            .Where(name => IsName(name) && IsWorkspace(System.IO.Path.Combine(root, name)))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The root, for a command that must not take a mistyped name for an empty folder.</summary>
    /// <exception cref="InputException">It is not there.</exception>
    public static string ExistingRoot(string root) => Directory.Exists(root) ? root
        : throw new InputException($"there is no folder {root}. Check --snapshots");

    /// <summary>This workspace, for a command that must not take a mistyped name for an empty one.</summary>
    /// <exception cref="InputException">Its folder is not there.</exception>
    public SnapshotDirectory Existing() => Directory.Exists(Path) ? this
        : throw new InputException(
            $"there is no workspace '{Workspace}' in {System.IO.Path.GetDirectoryName(Path)}. "
            + "Check the folder and --workspace");

    /// <summary>The ids of the published snapshots, newest data first.</summary>
    public IReadOnlyList<string> List() => FileStamp.Of(Path) is { Kind: FileKind.Folder }
        ? [.. Directory
            .EnumerateFiles(Path, "*" + Extension)
            .Where(IsFile)
            .Select(file => System.IO.Path.GetFileNameWithoutExtension(file))
            .Where(IsName)
            .OrderDescending(StringComparer.Ordinal)]
        : [];

    /// <summary>
    /// The published id that a name stands for: itself, or the shard of the snapshot of that name that is here. The
    /// name when there is neither.
    /// </summary>
    public string Resolve(string name) => name.Length == 0 || (IsName(name) && File.Exists(FilePath(name)))
        ? name
        : List().FirstOrDefault(id => ShardTerms.IsShardOf(id, name), name);

    /// <summary>The id in CURRENT, or null when nothing is published.</summary>
    /// <exception cref="InputException">CURRENT does not hold an id, or is no regular file.</exception>
    /// <exception cref="IOException">CURRENT cannot be read.</exception>
    public string? ReadCurrent()
    {
        CheckFolder();
        return PlainFile.ReadText(CurrentPath, MaximumCurrent)?.Trim() is not { } id ? null
            : IsName(id) ? id
            : throw new InputException(
                $"{CurrentPath} holds '{(id.Length > 80 ? id[..80] : id)}', expected a snapshot id: "
                + "publish again or write the id of one of the files beside it");
    }

    /// <summary>Where the snapshot of this id lies or would lie.</summary>
    /// <exception cref="InputException">The id has characters that no id has.</exception>
    public string FilePath(string id) => IsName(id)
        ? System.IO.Path.Combine(Path, id + Extension)
        : throw new InputException($"found snapshot id '{id}', expected 1..64 letters, digits, '-' or '_'");

    /// <summary>The published file of this id as it is now; null when there is none.</summary>
    public FileStamp? StampOf(string id) => FileStamp.Of(FilePath(id));

    /// <summary>Opens and verifies the snapshot of this id.</summary>
    /// <exception cref="InputException">
    /// There is none, it is damaged or no regular file, or the file holds another one.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public Snapshot Open(
        string id, SnapshotAccess access = SnapshotAccess.InPlace, CancellationToken cancellation = default)
    {
        CheckFolder();
        var path = FilePath(id);
        switch (FileStamp.Of(path))
        {
            case null:
                throw Missing(id);
            case { Kind: not FileKind.Regular } other:
                throw new InputException(
                    $"{path} is {other.KindText}, expected a snapshot file. Remove it and publish again");
        }

        var snapshot = Snapshot.OpenVerified(path, access, cancellation);
        try
        {
            CheckId(path, snapshot.Id, id);
            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    /// <summary>Compares the id in the file of a published snapshot with its name, in constant time.</summary>
    /// <exception cref="InputException">It is no snapshot, or another one.</exception>
    public void CheckName(string id)
    {
        using var snapshot = Snapshot.Open(FilePath(id));
        CheckId(FilePath(id), snapshot.Id, id);
    }

    /// <summary>
    /// Writes the content to a temporary file, fsyncs and verifies it, renames it into place under its id, makes it
    /// read-only, and moves CURRENT. A failure at any step leaves CURRENT and every published file unchanged.
    /// </summary>
    /// <returns>The id.</returns>
    /// <exception cref="InputException">The content is refused.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public string Publish(SnapshotContent content) => Publish(path => SnapshotWriter.Write(path, content));

    /// <summary>The same for a file that the caller writes.</summary>
    /// <param name="write">Writes the file at a path that does not exist, and flushes it to the disk.</param>
    /// <returns>The id.</returns>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public string Publish(Action<string> write) => Publish(write, expected: null);

    /// <summary>The same without moving CURRENT: the file is there for whoever names it.</summary>
    /// <param name="id">What the file must hold.</param>
    /// <param name="write">Writes the file at a path that does not exist, and flushes it to the disk.</param>
    /// <exception cref="SnapshotFormatException">It holds another snapshot, or is damaged.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public void Add(string id, Action<string> write) => Publish(write, id);

    private string Publish(Action<string> write, string? expected)
    {
        AtomicFile.CreateFolder(Path);
        CheckFolder();
        var temporary = TemporaryFile.In(Path);
        try
        {
            write(temporary);

            // Held while the file is verified, so that nobody takes it for a leftover.
            using var owner = new FileStream(temporary, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            string id;
            using (var snapshot = Snapshot.OpenVerified(temporary))
            {
                id = snapshot.Id;
            }

            if (expected is not null)
            {
                CheckId(FilePath(expected), id, expected);
            }

            using var taken = TakeLock();
            Rename(temporary, id);
            if (expected is null)
            {
                MoveCurrent(id);
            }

            return id;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(Path, e);
        }
        finally
        {
            TemporaryFile.TryDelete(temporary);
        }
    }

    /// <summary>Moves CURRENT to a published id, by an atomic rename, and notes both in HISTORY.</summary>
    /// <param name="id">A published id.</param>
    /// <exception cref="InputException">It is not published (any more).</exception>
    /// <exception cref="StorageException">CURRENT cannot be written.</exception>
    public void Activate(string id)
    {
        using var taken = TakeLock();
        MoveCurrent(id);
    }

    /// <summary>
    /// The published id that CURRENT named before the present one, or null: what a rollback activates.
    /// </summary>
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

    /// <summary>The id of the last snapshot that a policy let pass; null when none has.</summary>
    /// <exception cref="InputException">Its file is no regular file, or a large one.</exception>
    public string? Passed() => PlainFile.ReadText(System.IO.Path.Combine(Path, PassedName), MaximumCurrent)?.Trim();

    /// <summary>Removes CURRENT: nothing is named to be served. The published files stay.</summary>
    public void Deactivate()
    {
        using var taken = TakeLock();
        AtomicFile.Delete(CurrentPath);
    }

    /// <summary>Deletes what killed programs left behind in the folder: see <see cref="Leftovers"/>.</summary>
    /// <returns>The paths and bytes of the deleted files.</returns>
    public IReadOnlyList<(string Path, long Bytes)> Sweep(DateTimeOffset now) => Leftovers.Sweep(Path, now);

    /// <summary>Waits for the lock that whoever moves CURRENT or deletes files holds.</summary>
    internal WriterLock TakeLock() => WriterLock.Take(System.IO.Path.Combine(Path, ".lock"));

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

    // For the holder of the lock.
    private void MoveCurrent(string id)
    {
        if (StampOf(id) is null)
        {
            throw Missing(id);
        }

        var history = new CurrentHistory(Path);
        if (SoundCurrent() is { } before)
        {
            history.Add(before);
        }

        AtomicFile.Write(CurrentPath, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(id + "\n")));
        history.Add(id);
    }

    // Read-only, so that no editor and no copy writes into a file that is being served.
    private void Rename(string temporary, string id)
    {
        AtomicFile.Rename(temporary, FilePath(id));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FilePath(id), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    private InputException Missing(string id) =>
        new($"snapshot '{id}' is not in {Path}, expected one of: "
            + $"{string.Join(", ", List().DefaultIfEmpty("(none published)"))}");

    private static void CheckId(string path, string found, string expected)
    {
        if (found != expected)
        {
            throw new SnapshotFormatException(path, $"found snapshot {found} in it, expected {expected}");
        }
    }

    private void CheckFolder()
    {
        if (FileStamp.Of(Path) is { Kind: not FileKind.Folder } found)
        {
            throw new InputException($"{Path} is {found.KindText}, expected a folder: a workspace is never a link");
        }
    }

    private static bool IsWorkspace(string folder) => FileStamp.Of(folder) is { Kind: FileKind.Folder }
        && (Array.Exists(Marks, mark => FileStamp.Of(System.IO.Path.Combine(folder, mark)) is not null)
            || Directory.EnumerateFiles(folder, "*" + Extension).Any(IsFile));

    private static bool IsFile(string path) => FileStamp.Of(path) is { Kind: FileKind.Regular };

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
