using System.Collections.Concurrent;
using System.Text.Json;
using Engine.Snapshots.Files;
using Engine.Server.Configuration;
using Engine.Server.Errors;

namespace Engine.Server.Catalog;

/// <summary>
/// What people save in one workspace under names and versions, one JSON file each, complete or absent. Other processes
/// write too: one at a time, so that each save has a version of its own, and a file is read again when it changes.
/// </summary>
/// <param name="workspaceFolder">The workspace's folder.</param>
/// <param name="noun">What is saved: pool. Its files are in the folder of its plural.</param>
/// <param name="limits">How many are kept.</param>
/// <param name="files">Changes the files; null changes them on this machine alone.</param>
internal abstract class VersionedStore<T>(
    string workspaceFolder, string noun, CallLimits limits, WorkspaceFiles? files = null)
    where T : class
{
    // What was read stays in memory, where a list of ids takes less than its file (PackedIds).
    private const long MaximumBytes = 1L << 31;

    private static readonly JsonSerializerOptions Json =
        new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }.Whole();

    private readonly NamedFiles _files = new(Path.Combine(workspaceFolder, noun + "s"), ".json");
    private readonly WorkspaceFiles _changes = files ?? new WorkspaceFiles(workspaceFolder);
    private readonly ConcurrentDictionary<string, Entry> _read = new(StringComparer.Ordinal);
    private readonly Lock _saving = new();

    /// <summary>Creates or replaces one; the version grows by one, and earlier versions stay readable.</summary>
    /// <param name="one">What is saved; its version does not count.</param>
    /// <param name="expected">The present version must be this one, 0 for none; null means any.</param>
    /// <exception cref="InputException">The name does not follow the rule of names.</exception>
    /// <exception cref="StateException">The present version is another.</exception>
    public T Save(T one, long? expected = null)
    {
        NamedFiles.Check(noun, NameOf(one));
        return _changes.Change(() => SaveLatest(one, expected));
    }

    /// <summary>Refuses what <see cref="Save"/> would for its name or version, and saves nothing.</summary>
    public T Check(T one, long? expected)
    {
        NamedFiles.Check(noun, NameOf(one));
        CheckVersion(one, Read(_files.PathOf(NameOf(one))), expected);
        return one;
    }

    private T SaveLatest(T one, long? expected)
    {
        lock (_saving)
        {
            using var taken = _files.TakeLock();
            var path = _files.PathOf(NameOf(one));
            var old = Read(path);
            var present = CheckVersion(one, old, expected);
            _files.CheckRoom(noun + "s", path, limits.Pools);
            _files.CheckBytes(noun + "s", path, MaximumBytes);
            if (old is not null)
            {
                Write(VersionPath(path, present), old);
            }
            else
            {
                // Of one that was deleted: nobody may take them for versions of this one.
                DropVersions(path);
            }

            var saved = WithVersion(one, present + 1);
            Write(path, saved);
            DropOldVersions(path);
            return Read(path) ?? saved;
        }
    }

    private long CheckVersion(T one, T? old, long? expected)
    {
        var present = old is null ? 0 : VersionOf(old);
        return expected is null || expected == present ? present : throw new StateException(
            $"found version {present} of {noun} '{NameOf(one)}', expected {expected}. Read it, and save again");
    }

    /// <summary>The present one of that name.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public T Get(string name) => Read(_files.PathOf(name)) ??
        throw new NotFoundException(
            $"{noun} '{name}' does not exist. List the saved {noun}s with GET /v1/{noun}s or `engine {noun} list`");

    /// <summary>A version of the one of that name.</summary>
    /// <param name="name">Which one.</param>
    /// <param name="version">0 for the current one.</param>
    /// <exception cref="NotFoundException">There is none of that name, or no such version.</exception>
    public T Get(string name, long version) =>
        Get(name) is var present && version == 0 || version == VersionOf(present) ? present
        : ReadFile(VersionPath(_files.PathOf(name), version)) ?? throw new NotFoundException(
            $"{noun} '{name}' has no version {version}; expected one of "
            + Names.List(
                Versions(_files.PathOf(name)).Select(kept => $"{kept.Version}").Prepend($"{VersionOf(present)}")));

    /// <summary>All of them, by ascending name.</summary>
    /// <param name="problems">Receives a sentence for each that cannot be read; null when nobody asks.</param>
    public IReadOnlyList<T> List(ICollection<string>? problems = null)
    {
        // What other processes have deleted is not kept in memory.
        foreach (var path in _read.Keys.Where(path => FileStamp.Of(path) is null))
        {
            _read.TryRemove(path, out _);
        }

        return [.. _files.ReadAll(Read, problems ?? new List<string>()).OrderBy(NameOf, StringComparer.Ordinal)];
    }

    /// <summary>Deletes one.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    public void Delete(string name) => _changes.Change(() => DeleteLatest(name));

    private bool DeleteLatest(string name)
    {
        lock (_saving)
        {
            using var taken = _files.TakeLock();
            var path = _files.PathOf(NameOf(Get(name)));
            DropVersions(path);
            _changes.Delete(path);
            _read.TryRemove(path, out _);
            return true;
        }
    }

    private void DropVersions(string path)
    {
        foreach (var (_, file) in Versions(path).ToArray())
        {
            _changes.Delete(file.FullName);
        }

        if (Directory.Exists(VersionsOf(path)))
        {
            Directory.Delete(VersionsOf(path), recursive: true);
        }
    }

    // The latest ones are kept, up to a number and a size.
    private void DropOldVersions(string path)
    {
        var (count, bytes) = (0, 0L);
        foreach (var (_, file) in Versions(path).ToArray())
        {
            bytes += file.Length;
            if (++count > limits.PoolVersions || bytes > (long)limits.PoolVersionMebibytes << 20)
            {
                _changes.Delete(file.FullName);
            }
        }
    }

    private static IEnumerable<(long Version, FileInfo File)> Versions(string path) =>
        (Directory.Exists(VersionsOf(path)) ? new DirectoryInfo(VersionsOf(path)).EnumerateFiles("*.json") : [])
        .Select(
            file => (
                Version: long.TryParse(Path.GetFileNameWithoutExtension(file.Name), out var version) ? version : 0,
                File: file))
        .Where(version => version.Version > 0)
        .OrderByDescending(version => version.Version);

    private static string VersionsOf(string path) => Path.ChangeExtension(path, null) + ".versions";

    private static string VersionPath(string path, long version) => Path.Combine(VersionsOf(path), $"{version}.json");

    private void Write(string path, T one) =>
        _changes.Write(path, stream => JsonSerializer.Serialize(stream, one, Json));

    /// <summary>The name of one.</summary>
    protected abstract string NameOf(T one);

    /// <summary>The version of one.</summary>
    protected abstract long VersionOf(T one);

    /// <summary>The same in another version.</summary>
    protected abstract T WithVersion(T one, long version);

    /// <summary>The same with its long lists as they stay in memory.</summary>
    protected virtual T Packed(T one) => one;

    /// <summary>What is wrong with one that was read, or null.</summary>
    protected abstract string? ProblemOf(T one);

    private T? Read(string path)
    {
        if (FileStamp.Of(path) is not { } stamp)
        {
            return null;
        }

        // The same object as long as the file is the same: the resolved pool is cached with it.
        if (_read.TryGetValue(path, out var known) && known.Stamp == stamp)
        {
            return known.One;
        }

        if (ReadFile(path) is { } one)
        {
            _read[path] = new Entry(stamp, one);
            return one;
        }

        return null;
    }

    private T? ReadFile(string path)
    {
        try
        {
            using var stream = PlainFile.OpenStream(path);
            var one = JsonSerializer.Deserialize<T>(stream, Json) ?? throw new JsonException("it holds null");
            return ProblemOf(one) is { } problem ? throw new JsonException(problem) : Packed(one);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new StateException(
                $"{path} cannot be read as a {noun} ({WholeDocuments.Reason(e)}). Delete it and save the {noun} again");
        }
    }

    private sealed record Entry(FileStamp Stamp, T One);
}
