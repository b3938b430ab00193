using Engine.Server.Tasks;

namespace Engine.Server.Catalog;

/// <summary>What people saved in one workspace, beside its snapshots.</summary>
/// <param name="folder">The workspace's folder.</param>
internal sealed class WorkspaceCatalog(string folder)
{
    /// <summary>Saved pools.</summary>
    public PoolStore Pools { get; } = new(folder);

    /// <summary>Blocked products.</summary>
    public BlockedStore Blocked { get; } = new(folder);

    /// <summary>Saved audiences.</summary>
    public AudienceStore Audiences { get; } = new(folder);

    /// <summary>Tasks and their results.</summary>
    public TaskStore Tasks { get; } = new(folder);
}
