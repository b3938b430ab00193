using System.Collections.Concurrent;
using System.Text.Json;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;
using Engine.Scoring.Pools;
using Engine.Server.Errors;

namespace Engine.Server.Catalog;

/// <summary>
/// The saved pools of one workspace, one JSON file each, complete or absent. Other processes write too: one at a time, so that
/// each save has a version of its own, and a pool is read again when its file changes.
/// </summary>
internal sealed class PoolStore(string workspaceFolder)
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
            if (old is not null)
            {
                Write(VersionPath(path, old.Version), old);
            }

            var saved = pool with { Version = (old?.Version ?? 0) + 1 };
            Write(path, saved);
            return Read(path) ?? saved;
        }
    }

    /// <summary>The pool of that name.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public PoolDefinition Get(string name) => Read(_files.PathOf(name)) ??
        throw new NotFoundException($"pool '{name}' does not exist. List the saved pools with GET /v1/pools or `engine pool list`");

    /// <summary>A version of the pool of that name.</summary>
    /// <param name="name">Which pool.</param>
    /// <param name="version">0 for the current one.</param>
    /// <exception cref="NotFoundException">There is no such pool, or no such version.</exception>
    public PoolDefinition Get(string name, long version) =>
        Get(name) is var present && version == 0 || version == present.Version ? present
        : Read(VersionPath(_files.PathOf(name), version)) ?? throw new NotFoundException($"pool '{name}' has no version {version}; expected 1..{present.Version}");

    /// <summary>All pools, by ascending name.</summary>
    public IReadOnlyList<PoolDefinition> List() =>
        [.. _files.All.Select(Read).OfType<PoolDefinition>().OrderBy(pool => pool.Name, StringComparer.Ordinal)];

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

    private static string VersionsOf(string path) => Path.ChangeExtension(path, null) + ".versions";

    private static string VersionPath(string path, long version) => Path.Combine(VersionsOf(path), $"{version}.json");

    private static void Write(string path, PoolDefinition pool) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, pool, Json));

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

        try
        {
            using var stream = PlainFile.OpenStream(path);
            var pool = JsonSerializer.Deserialize<PoolDefinition>(stream, Json) ?? throw new JsonException("it is empty");
            _read[path] = new Entry(stamp, pool);
            return pool;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new InputException($"{path} cannot be read as a pool ({e.Message}). Delete it and save the pool again", e);
        }
    }

    private sealed record Entry(FileStamp Stamp, PoolDefinition Pool);
}
