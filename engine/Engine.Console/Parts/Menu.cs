namespace Engine.WebConsole.Parts;

/// <summary>The screens of the menu, in its order, each with the scopes of the calls that it makes.</summary>
internal static class Menu
{
    /// <summary>Key of the text, path, scopes.</summary>
    public static readonly IReadOnlyList<(string Key, string Path, string[] Scopes)> Entries =
    [
        ("Home.Title", "/", []),
        ("Push.Title", "/push", ["read", "audience"]),
        ("Goes.Title", "/goes-with", ["read", "audience"]),
        ("Audiences.Title", "/audiences", ["audience"]),
        ("Tasks.Title", "/tasks", ["task"]),
        ("Customer.Title", "/customer", ["read"]),
        ("Snapshots.Title", "/snapshots", ["read", "admin"]),
    ];
}
