namespace Engine.Server.Access;

/// <summary>The scopes as people and tokens write them.</summary>
internal static class ScopeNames
{
    /// <summary>All of them, for help texts.</summary>
    public const string All = "read, events, audience, task, catalog, admin";

    /// <summary>One scope; none for another word.</summary>
    public static Scopes Parse(string word) => word switch
    {
        "read" => Scopes.Read,
        "audience" => Scopes.Audience,
        "task" => Scopes.Task,
        "catalog" => Scopes.Catalog,
        "events" => Scopes.Events,
        "admin" => Scopes.Admin,
        _ => Scopes.None,
    };

    /// <summary>The scopes of a list; other words are ignored.</summary>
    public static Scopes Of(IEnumerable<string> words) =>
        words.Aggregate(Scopes.None, (scopes, word) => scopes | Parse(word));

    /// <summary>The words of some scopes.</summary>
    public static IEnumerable<string> Words(Scopes scopes) =>
        All.Split(", ").Where(word => scopes.HasFlag(Parse(word)));

    /// <summary>The word of one scope.</summary>
    public static string Of(Scopes scope) => scope.ToString().ToLowerInvariant();
}
