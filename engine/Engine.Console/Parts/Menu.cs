namespace Engine.WebConsole.Parts;

/// <summary>The screens of the menu, in its order, each with the scopes of the calls that it makes.</summary>
internal static class Menu
{
    /// <summary>Where what is wrong with a snapshot is shown.</summary>
    public const string Snapshots = "/snapshots";

    /// <summary>Key of the text, path, scopes.</summary>
    public static readonly IReadOnlyList<(string Key, string Path, string[] Scopes)> Entries =
    [
        ("Home.Title", "/", []),
        ("Push.Title", "/push", ["read", "audience"]),
        ("Goes.Title", "/goes-with", ["read", "audience"]),
        ("Product.Title", "/product", ["read"]),
        ("Pools.Title", "/pools", ["read", "catalog"]),
        ("Audiences.Title", "/audiences", ["audience"]),
        ("Tasks.Title", "/tasks", ["task"]),
        ("Customer.Title", "/customer", ["read"]),
        ("Places.Title", "/placements", ["read", "catalog"]),
        ("Snapshots.Title", Snapshots, ["read", "admin"]),
        ("Training.Title", "/training", ["read"]),
        ("Traffic.Title", "/traffic", ["read"]),
        ("Keys.Title", "/access", ["admin"]),
        ("Audit.Title", "/audit", ["admin"]),
    ];
}
