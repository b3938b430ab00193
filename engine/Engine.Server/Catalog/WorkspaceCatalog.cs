namespace Engine.Server.Catalog;

/// <summary>Everything that people save in one workspace, stored beside its snapshots.</summary>
/// <param name="folder">The workspace's folder.</param>
internal sealed class WorkspaceCatalog(string folder)
{
    /// <summary>The workspace's folder.</summary>
    public string Folder => folder;

    /// <summary>Saved pools.</summary>
    public PoolStore Pools { get; } = new(folder);

    /// <summary>Blocked products.</summary>
    public BlockedStore Blocked { get; } = new(folder);

    /// <summary>Saved audiences.</summary>
    public AudienceStore Audiences { get; } = new(folder);
}
