using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Engine.WebConsole.Access;

/// <summary>
/// The keys of those who have signed in, by the random id in their cookie. In memory alone: they end after
/// <see cref="Lifetime"/>, or with the process.
/// </summary>
internal sealed class Sessions(TimeProvider time)
{
    /// <summary>How long a session lasts, used or not.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <summary>The cookie with the id.</summary>
    public const string Cookie = "console-session";

    private const int Maximum = 10_000;
    private const int IdLength = 64;

    private readonly ConcurrentDictionary<string, (string Key, DateTimeOffset End)> _byId = new(StringComparer.Ordinal);

    /// <summary>Begins a session; the oldest one ends when there are too many.</summary>
    public string Open(string key)
    {
        var now = time.GetUtcNow();
        foreach (var (old, session) in _byId)
        {
            if (session.End <= now)
            {
                _byId.TryRemove(old, out _);
            }
        }

        if (_byId.Count >= Maximum)
        {
            _byId.TryRemove(_byId.MinBy(session => session.Value.End).Key, out _);
        }

        var id = RandomNumberGenerator.GetHexString(IdLength);
        _byId[id] = (key, now + Lifetime);
        return id;
    }

    /// <summary>The key of a session that has not ended.</summary>
    public bool TryFind(string? id, [NotNullWhen(true)] out string? key)
    {
        var isOpen = _byId.TryGetValue(id ?? "", out var session) && session.End > time.GetUtcNow();
        key = isOpen ? session.Key : null;
        return isOpen;
    }

    /// <summary>Ends a session.</summary>
    public void Close(string? id) => _byId.TryRemove(id ?? "", out _);
}
