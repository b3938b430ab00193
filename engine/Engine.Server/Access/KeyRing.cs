using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Engine.Server.Configuration;
using Engine.Snapshots.Files;

namespace Engine.Server.Access;

/// <summary>
/// The keys that are valid now, and whether callers need one. They do from the moment that the file of keys exists or
/// tokens are configured, until the server stops: a file that disappears lets nobody in.
/// </summary>
internal sealed partial class KeyRing
{
    private readonly WatchedFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile FrozenDictionary<string, Entry> _byId = FrozenDictionary<string, Entry>.Empty;
    private volatile Entry? _lent;
    private volatile bool _isOn;
    private volatile string? _problem;

    /// <summary>Reads the file once.</summary>
    /// <exception cref="InputException">It is damaged or cannot be read: nobody could say who gets in.</exception>
    public KeyRing(ServerOptions options, TimeProvider time, ILogger<KeyRing> logger)
    {
        (_time, _logger) = (time, logger);
        _file = new WatchedFile(KeyFile.PathOf(options.Snapshots, options.Access.Keys));
        try
        {
            _file.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"cannot read the keys: {e.Message.TrimEnd('.')}. Let the user of the engine read them, or make them "
                + "as that user",
                e);
        }

        _isOn = options.Access.JwtKeys.Length > 0 || options.Access.Keys.Length > 0;
        Take();
    }

    /// <summary>Callers need a key or a token.</summary>
    public bool IsOn => _isOn;

    /// <summary>Where the keys are.</summary>
    public string Path => _file.Path;

    /// <summary>Why the keys in use are not those in the file; null when they are.</summary>
    public string? Problem => _problem;

    /// <summary>Reads the file again if it has changed. A damaged one changes nothing, and is logged once.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with the file must be known.")]
    public void Refresh()
    {
        try
        {
            // What was wrong before is looked at again: the repaired file may be the one that was known.
            if (_file.Read() || _problem is not null)
            {
                Take();
            }
        }
        catch (Exception e)
        {
            if (_problem != e.Message)
            {
                LogUnreadable(_logger, e.Message);
            }

            _problem = e.Message;
            if (!_isOn && IsThere())
            {
                // Somebody made keys that nobody can know yet: root, for example, for an engine with a user of its own.
                TurnOn();
            }
        }
    }

    /// <summary>The holder of a presented key; null when it is unknown, revoked or expired.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        if (!ApiKey.TrySplit(key, out var id, out var secret)
            || (!_byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var entry)
                && ((entry = _lent) is null || !id.SequenceEqual(entry.Key.Id))))
        {
            return null;
        }

        var now = _time.GetUtcNow();
        if (!ApiKey.Matches(secret, entry.Hash) || !entry.Key.IsLive(now))
        {
            return null;
        }

        entry.LastUse = now.UtcTicks;
        return entry.Caller;
    }

    /// <summary>A key for every workspace that is in no file, and valid until it is taken back.</summary>
    /// <param name="name">Who has it.</param>
    /// <param name="scopes">What it allows.</param>
    /// <param name="now">When it is made.</param>
    public string Lend(string name, IReadOnlyList<string> scopes, DateTimeOffset now)
    {
        var (key, id, hash) = ApiKey.Create();
        _lent = new Entry(new StoredKey(id, name, hash, scopes, ["*"], now, Expires: null));
        return key;
    }

    /// <summary>The lent key is unknown from now on.</summary>
    public void TakeBack() => _lent = null;

    /// <summary>All keys, by name, each with its last use since the engine started.</summary>
    public IEnumerable<(StoredKey Key, DateTimeOffset? LastUse)> All => _byId.Values
        .OrderBy(entry => entry.Key.Name, StringComparer.Ordinal)
        .ThenBy(entry => entry.Key.Created)
        .Select(entry => (
            entry.Key, entry.LastUse == 0 ? null : (DateTimeOffset?)new DateTimeOffset(entry.LastUse, TimeSpan.Zero)));

    private void Take()
    {
        if (_file.Content is not { } content)
        {
            Replace(FrozenDictionary<string, Entry>.Empty);
            return;
        }

        Replace(
            KeyFile.Parse(_file.Path, content)
                .Select(key => new Entry(key))
                .ToFrozenDictionary(entry => entry.Key.Id, StringComparer.Ordinal));
        if (!_isOn)
        {
            TurnOn();
        }
    }

    private void TurnOn()
    {
        _isOn = true;
        LogOn(_logger, _file.Path);
    }

    private bool IsThere()
    {
        try
        {
            return FileStamp.Of(_file.Path) is not null;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // A key that stays keeps its caller: limits and streams go on.
    private void Replace(FrozenDictionary<string, Entry> found)
    {
        var old = _byId;
        var kept = found.Values.Select(
            entry => old.GetValueOrDefault(entry.Key.Id) is { } known && known.IsSame(entry) ? known : entry);
        _byId = kept.ToFrozenDictionary(entry => entry.Key.Id, StringComparer.Ordinal);
        foreach (var entry in old.Values.Where(entry => !_byId.Values.Contains(entry)))
        {
            entry.Caller.IsRevoked = true;
        }

        _problem = null;
    }

    private sealed class Entry(StoredKey key)
    {
        private long _lastUse;

        // UTC ticks; 0 for never. Written by every call: whichever is last wins.
        public long LastUse
        {
            get => Volatile.Read(ref _lastUse);
            set => Volatile.Write(ref _lastUse, value);
        }

        public StoredKey Key => key;

        public byte[] Hash { get; } = Convert.FromHexString(key.Hash);

        public Caller Caller { get; } = new(key.Name, ScopeNames.Of(key.Scopes), key.Workspaces)
        {
            Expires = key.Expires,
        };

        public bool IsSame(Entry other) =>
            key.Hash == other.Key.Hash && key.Name == other.Key.Name && key.Expires == other.Key.Expires
            && key.Scopes.SequenceEqual(other.Key.Scopes) && key.Workspaces.SequenceEqual(other.Key.Workspaces);
    }

    [LoggerMessage(LogLevel.Warning, "calls need a key from now on: {Path}")]
    private static partial void LogOn(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "{Reason} (the keys read before stay valid)")]
    private static partial void LogUnreadable(ILogger logger, string reason);
}
