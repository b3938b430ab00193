using System.Security.Claims;

namespace Engine.Server.Access;

/// <summary>Who calls: the holder of a key or of a token.</summary>
internal sealed class Caller
{
    /// <summary>What the names of tokens begin with, and no name of a key.</summary>
    public const string TokenPrefix = "token:";

    private readonly HashSet<string>? _workspaces;
    private volatile bool _isRevoked;

    /// <summary>A caller.</summary>
    /// <param name="name">What the audit log calls it.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="workspaces">Where; '*' means everywhere.</param>
    public Caller(string name, Scopes scopes, IReadOnlyCollection<string> workspaces)
    {
        (Name, Scopes) = (name, scopes);
        _workspaces = workspaces.Contains("*", StringComparer.Ordinal)
            ? null
            : new HashSet<string>(workspaces, StringComparer.Ordinal);
        Principal = new ClaimsPrincipal(new CallerIdentity(this));
    }

    /// <summary>The key's name, or <see cref="TokenPrefix"/> and the token's subject.</summary>
    public string Name { get; }

    /// <summary>It came with a token. A key of the same name is somebody else.</summary>
    public bool HasToken { get; private init; }

    /// <summary>What it may do.</summary>
    public Scopes Scopes { get; }

    /// <summary>It may do that in every workspace.</summary>
    public bool IsEverywhere => _workspaces is null;

    /// <summary>The same as ASP.NET Core knows it. One object for all requests of a key.</summary>
    public ClaimsPrincipal Principal { get; }

    /// <summary>From when on its key is refused; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The key was taken away while a stream of it is open.</summary>
    public bool IsRevoked
    {
        get => _isRevoked;
        set => _isRevoked = value;
    }

    /// <summary>The holder of a token.</summary>
    /// <param name="subject">Null when the token names none.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="workspaces">Where; '*' means everywhere.</param>
    public static Caller OfToken(string? subject, Scopes scopes, IReadOnlyCollection<string> workspaces) =>
        new(subject is null ? "token without subject" : TokenPrefix + subject, scopes, workspaces) { HasToken = true };

    /// <summary>The caller of a request; null when it is anonymous.</summary>
    public static Caller? Of(HttpContext http) => (http.User.Identity as CallerIdentity)?.Caller;

    /// <summary>Whether it has a scope in a workspace.</summary>
    public bool May(Scopes scope, string workspace) =>
        (Scopes & scope) != 0 && (_workspaces is null || _workspaces.Contains(workspace));

    private sealed class CallerIdentity(Caller caller)
        : ClaimsIdentity([new Claim(DefaultNameClaimType, caller.Name)], "engine")
    {
        public Caller Caller => caller;
    }
}
