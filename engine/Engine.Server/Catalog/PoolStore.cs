using System.Collections.Concurrent;
using System.Text.Json;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;
using Engine.Scoring.Pools;
using Engine.Server.Configuration;
using Engine.Server.Errors;

namespace Engine.Server.Catalog;

/// <summary>
/// The saved pools of one workspace, one JSON file each, complete or absent. Other processes write too: one at a time,
/// so that each save has a version of its own, and a pool is read again when its file changes.
/// </summary>
internal sealed class PoolStore(string workspaceFolder, CallLimits limits)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly NamedFiles _files = new(Path.Combine(workspaceFolder, "pools"), ".json");
    private readonly ConcurrentDictionary<string, Entry> _read = new(StringComparer.Ordinal);
    private readonly Lock _saving = new();

    /// <summary>Creates or replaces a pool; the version grows by one, and earlier versions stay readable.</summary>
    /// <exception cref="InputException">The name does not follow the rule of names.</exception>
    public PoolDefinition Save(PoolDefinition pool)
    {
        NamedFiles.Check("pool", pool.Name);
        lock (_saving)
        {
            using var taken = _files.TakeLock();
            var path = _files.PathOf(pool.Name);
            var old = Read(path);
            _files.CheckRoom("pools", path, limits.Pools);
            if (old is not null)
            {
                Write(VersionPath(path, old.Version), old);
            }

            var saved = pool with { Version = (old?.Version ?? 0) + 1 };
            Write(path, saved);
            DropOldVersions(path);
            return Read(path) ?? saved;
        }
    }

    /// <summary>The pool of that name.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public PoolDefinition Get(string name) => Read(_files.PathOf(name)) ??
        throw new NotFoundException(
            $"pool '{name}' does not exist. List the saved pools with GET /v1/pools or `engine pool list`");

    /// <summary>A version of the pool of that name.</summary>
    /// <param name="name">Which pool.</param>
    /// <param name="version">0 for the current one.</param>
    /// <exception cref="NotFoundException">There is no such pool, or no such version.</exception>
    public PoolDefinition Get(string name, long version) =>
        Get(name) is var present && version == 0 || version == present.Version ? present
        : ReadFile(VersionPath(_files.PathOf(name), version)) ?? throw new NotFoundException(
            $"pool '{name}' has no version {version}; expected one of "
            + Names.List(
                Versions(_files.PathOf(name)).Select(kept => $"{kept.Version}").Prepend($"{present.Version}")));

    /// <summary>All pools, by ascending name.</summary>
    /// <param name="problems">Receives a sentence for each that cannot be read; null when nobody asks.</param>
    public IReadOnlyList<PoolDefinition> List(ICollection<string>? problems = null) =>
        [.. _files.ReadAll(Read, problems ?? new List<string>()).OrderBy(pool => pool.Name, StringComparer.Ordinal)];

    /// <summary>Deletes a pool.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    public void Delete(string name)
    {
        lock (_saving)
        {
            using var taken = _files.TakeLock();
            var path = _files.PathOf(Get(name).Name);
            AtomicFile.Delete(path);
            _read.TryRemove(path, out _);
            if (Directory.Exists(VersionsOf(path)))
            {
                Directory.Delete(VersionsOf(path), recursive: true);
            }
        }
    }

    // The latest ones are kept, up to a number and a size.
    private void DropOldVersions(string path)
    {
        var (count, bytes) = (0, 0L);
        foreach (var (_, file) in Versions(path))
        {
            bytes += file.Length;
            if (++count > limits.PoolVersions || bytes > (long)limits.PoolVersionMebibytes << 20)
            {
                file.Delete();
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

    private static void Write(string path, PoolDefinition pool) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, pool, Json));

    private PoolDefinition? Read(string path)
    {
        if (FileStamp.Of(path) is not { } stamp)
        {
            return null;
        }

        // The same object as long as the file is the same: the resolved pool is cached with it.
        if (_read.TryGetValue(path, out var known) && known.Stamp == stamp)
        {
            return known.Pool;
        }

        if (ReadFile(path) is { } pool)
        {
            _read[path] = new Entry(stamp, pool);
            return pool;
        }

        return null;
    }

    private static PoolDefinition? ReadFile(string path)
    {
        try
        {
            using var stream = PlainFile.OpenStream(path);
            return JsonSerializer.Deserialize<PoolDefinition>(
                stream, Json) is { Name: not null, Rule: not null, ProductIds: not null } pool
                ? pool
                : throw new JsonException("name, rule or productIds is missing");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new StateException(
                $"{path} cannot be read as a pool ({e.Message.TrimEnd('.')}). Delete it and save the pool again");
        }
    }

    private sealed record Entry(FileStamp Stamp, PoolDefinition Pool);
}
