using System.Text.Json;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Server.Errors;

namespace Engine.Server.Catalog;

/// <summary>
/// The blocked products of one workspace: <c>blocked.json</c>, complete or absent, and in memory. A change is on disk
/// before it is confirmed, and every later request sees it. Processes change the file one at a time, each on top of the
/// one before, and read it again when it has changed. A blocked product never comes back by accident: a file that
/// cannot be read fails every request of a process that has not read it before; one that has keeps what it read
/// (<see cref="Problem"/>).
/// </summary>
/// <param name="workspaceFolder">The workspace's folder.</param>
/// <param name="files">Changes the file; null changes it on this machine alone.</param>
internal sealed class BlockedStore(string workspaceFolder, WorkspaceFiles? files = null)
{
    /// <summary>The most products that can be blocked.</summary>
    public const int MaximumProducts = 1_000_000;

    private static readonly JsonSerializerOptions Json =
        new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }.Whole();

    private readonly string _path = Path.Combine(workspaceFolder, "blocked.json");
    private readonly WorkspaceFiles _files = files ?? new WorkspaceFiles(workspaceFolder);
    private readonly Lock _changing = new();
    private readonly Lock _reading = new();
    private volatile State? _state;
    private volatile string? _problem;
    private volatile bool _isWriting;

    /// <summary>What is blocked now.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public BlockedIds Current => Read().Blocked;

    /// <summary>Why what is blocked is not what the file says, for a person; null when all is well.</summary>
    public string? Problem
    {
        get
        {
            try
            {
                Read();
                return _problem;
            }
            catch (Exception e) when (e is InputException or IOException)
            {
                return e.Message;
            }
        }
    }

    /// <summary>What is blocked of a model's products; null when nothing is.</summary>
    public ResolvedPool? Resolve(ScoringModel model, CancellationToken cancellation = default) =>
        Read() is { Blocked.ProductIds.Count: > 0 } state ? model.Resolve(state.Pool, cancellation) : null;

    /// <summary>Unblocks some ids, then blocks others.</summary>
    /// <param name="replace">Whether all are unblocked first.</param>
    /// <param name="unblock">Unblocked; ids that are not blocked are ignored.</param>
    /// <param name="block">Blocked, known to a snapshot or not.</param>
    /// <param name="expected">The version that the change is made on; null for any.</param>
    /// <param name="prepare">Resolves the new set before requests see it: none of them is held up by that.</param>
    /// <exception cref="InputException">Too many would be blocked.</exception>
    /// <exception cref="StateException">There is another version: nothing is changed.</exception>
    public BlockedIds Change(
        bool replace,
        IEnumerable<string> unblock,
        IEnumerable<string> block,
        long? expected = null,
        Action<PoolDefinition>? prepare = null) =>
        _files.Change(() => ChangeLatest(replace, unblock, block, expected, prepare));

    private BlockedIds ChangeLatest(
        bool replace,
        IEnumerable<string> unblock,
        IEnumerable<string> block,
        long? expected,
        Action<PoolDefinition>? prepare)
    {
        lock (_changing)
        {
            using var taken = WriterLock.Take(_path + ".lock");
            var old = Latest().Blocked;
            if (expected is not null && expected != old.Version)
            {
                throw new StateException(
                    $"found version {old.Version} of the blocked products; expected {expected}: somebody else has "
                    + "changed them. List them, then change them again");
            }

            var ids = new SortedSet<string>(replace ? [] : old.ProductIds, StringComparer.Ordinal);
            ids.ExceptWith(unblock);
            ids.UnionWith(block);
            if (ids.Count > MaximumProducts)
            {
                throw new InputException(
                    $"found {ids.Count} products to block; expected at most {MaximumProducts}. "
                    + "Unblock products that are no longer sold, or use a pool");
            }

            var blocked = new BlockedIds(old.Version + 1, [.. ids]);
            _isWriting = true;
            try
            {
                _files.Write(_path, stream => JsonSerializer.Serialize(stream, blocked, Json));
                var state = new State(blocked, FileStamp.Of(_path));
                prepare?.Invoke(state.Pool);
                (_state, _problem) = (state, null);
                return blocked;
            }
            finally
            {
                _isWriting = false;
            }
        }
    }

    // One look at the file's status a request; the same state as long as the file is the same. A change that is being
    // written is not confirmed yet, and nobody else writes meanwhile: no request waits for it.
    private State Read()
    {
        var state = _state;
        return state is not null && (_isWriting || FileStamp.Of(_path) == state.Stamp) ? state : Reload();
    }

    private State Reload()
    {
        lock (_reading)
        {
            try
            {
                return Latest();
            }
            catch (Exception e) when (e is InputException or IOException && _state is { Stamp: not null })
            {
                var known = _state!;
                _problem = $"{e.Message}. The {known.Blocked.ProductIds.Count} products that were blocked stay blocked";
                return known;
            }
        }
    }

    private State Latest()
    {
        lock (_reading)
        {
            return LatestAlone();
        }
    }

    private State LatestAlone()
    {
        var stamp = FileStamp.Of(_path);
        if (_state is { } known)
        {
            if (stamp == known.Stamp)
            {
                _problem = null;
                return known;
            }

            if (stamp is null)
            {
                _problem = $"{_path} was deleted. The {known.Blocked.ProductIds.Count} products that were blocked stay "
                    + "blocked: restore the file, or block and unblock products to write it again";
                return known;
            }
        }

        try
        {
            (_state, _problem) =
                (stamp is null ? new State(new BlockedIds(0, []), null) : new State(Load(), stamp), null);
            return _state;
        }
        catch (JsonException e)
        {
            throw new StateException(
                $"{_path} cannot be read as blocked products ({WholeDocuments.Reason(e)}). "
                + "Restore it, or delete it and block the products again");
        }
    }

    private BlockedIds Load()
    {
        using var stream = PlainFile.OpenStream(_path);
        var blocked = JsonSerializer.Deserialize<BlockedIds>(stream, Json);
        return blocked is { ProductIds: not null } ? blocked : throw new JsonException("productIds is missing");
    }

    // The same definition as long as the set is the same: the resolved pool is cached with it.
    private sealed record State(BlockedIds Blocked, FileStamp? Stamp)
    {
        public PoolDefinition Pool { get; } = new("blocked", "", Blocked.ProductIds, Blocked.Version);
    }
}

/// <summary>The blocked products, as they are kept.</summary>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="ProductIds">In ascending order, each once.</param>
internal sealed record BlockedIds(long Version, IReadOnlyList<string> ProductIds);
