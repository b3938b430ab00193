namespace Engine.Server.Access;

/// <summary>A key as the file keeps it: everything but the secret.</summary>
/// <param name="Id">The part of the key that may be shown.</param>
/// <param name="Name">Who has it; two keys may share it while one replaces the other.</param>
/// <param name="Hash">SHA-256 of the secret, in hexadecimal digits.</param>
/// <param name="Scopes">What it allows, as <see cref="ScopeNames"/> writes it.</param>
/// <param name="Workspaces">Where; '*' for everywhere.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From when on it is refused; null for never.</param>
internal sealed record StoredKey(
    string Id,
    string Name,
    string Hash,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Workspaces,
    DateTimeOffset Created,
    DateTimeOffset? Expires)
{
    /// <summary>Whether it has not expired.</summary>
    public bool IsLive(DateTimeOffset now) => Expires is not { } end || now < end;
}
