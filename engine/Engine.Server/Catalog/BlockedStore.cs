using System.Text.Json;
using Engine.Snapshots.Writing;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;

namespace Engine.Server.Catalog;

/// <summary>
/// The blocked products of one workspace: <c>blocked.json</c>, complete or absent, and in memory. A change is on disk
/// before it is confirmed, and every later request sees it. One process changes the file; others read it when they start. A
/// file that cannot be read fails every request, so that a blocked product never comes back by accident.
/// </summary>
internal sealed class BlockedStore(string workspaceFolder)
{
    /// <summary>The most products that can be blocked.</summary>
    public const int MaximumProducts = 1_000_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _path = Path.Combine(workspaceFolder, "blocked.json");
    private readonly Lock _changing = new();
    private volatile State? _state;

    /// <summary>What is blocked now.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public BlockedIds Current => Read().Blocked;

    /// <summary>What is blocked of a model's products; null when nothing is.</summary>
    public ResolvedPool? Resolve(ScoringModel model) =>
        Read() is { Blocked.ProductIds.Count: > 0 } state ? model.Resolve(state.Pool) : null;

    /// <summary>Unblocks some ids, then blocks others.</summary>
    /// <param name="replace">Whether all are unblocked first.</param>
    /// <param name="unblock">Unblocked; ids that are not blocked are ignored.</param>
    /// <param name="block">Blocked, known to a snapshot or not.</param>
    /// <exception cref="InputException">Too many would be blocked.</exception>
    public BlockedIds Change(bool replace, IEnumerable<string> unblock, IEnumerable<string> block)
    {
        lock (_changing)
        {
            var old = Read().Blocked;
            var ids = new SortedSet<string>(replace ? [] : old.ProductIds, StringComparer.Ordinal);
            ids.ExceptWith(unblock);
            ids.UnionWith(block);
            if (ids.Count > MaximumProducts)
            {
                throw new InputException($"found {ids.Count} products to block; expected at most {MaximumProducts}. Unblock products that are no longer sold, or use a pool");
            }

            var state = new State(new BlockedIds(old.Version + 1, [.. ids]));
            AtomicFile.Write(_path, stream => JsonSerializer.Serialize(stream, state.Blocked, Json));
            _state = state;
            return state.Blocked;
        }
    }

    private State Read() => _state ?? Load();

    private State Load()
    {
        lock (_changing)
        {
            if (_state is { } known)
            {
                return known;
            }

            try
            {
                using var stream = File.OpenRead(_path);
                var blocked = JsonSerializer.Deserialize<BlockedIds>(stream, Json);
                return _state = new State(blocked is { ProductIds: not null } ? blocked : throw new JsonException("productIds is missing"));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return _state = new State(new BlockedIds(0, []));
            }
            catch (JsonException e)
            {
                throw new InputException($"{_path} cannot be read as blocked products ({e.Message}). Restore it, or delete it and block the products again", e);
            }
        }
    }

    // The same definition as long as the set is the same: the resolved pool is cached with it.
    private sealed record State(BlockedIds Blocked)
    {
        public PoolDefinition Pool { get; } = new("blocked", "", Blocked.ProductIds, Blocked.Version);
    }
}

/// <summary>The blocked products, as they are kept.</summary>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="ProductIds">In ascending order, each once.</param>
internal sealed record BlockedIds(long Version, IReadOnlyList<string> ProductIds);
