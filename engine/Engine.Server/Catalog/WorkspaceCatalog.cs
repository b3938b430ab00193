using Engine.Cluster.Documents;
using Engine.Server.Configuration;
using Engine.Server.Events;
using Engine.Server.Experiments;

namespace Engine.Server.Catalog;

/// <summary>Everything that people save in one workspace, stored beside its snapshots.</summary>
/// <param name="folder">The workspace's folder.</param>
/// <param name="limits">How much may be saved; null for the defaults.</param>
/// <param name="shared">The documents of the cluster; null without one.</param>
internal sealed class WorkspaceCatalog(string folder, CallLimits? limits = null, WorkspaceDocuments? shared = null)
{
    private string[] _problems = [];

    /// <summary>The workspace's folder.</summary>
    public string Folder => folder;

    /// <summary>Changes what is saved.</summary>
    public WorkspaceFiles Files { get; } = new(folder, shared);

    /// <summary>Saved pools.</summary>
    public PoolStore Pools { get; } = new(folder, limits ?? new CallLimits(), new(folder, shared));

    /// <summary>Saved placements.</summary>
    public PlacementStore Placements { get; } =
        new(folder, limits ?? new CallLimits(), new(folder, shared));

    /// <summary>Saved experiments.</summary>
    public ExperimentStore Experiments { get; } =
        new(folder, limits ?? new CallLimits(), new(folder, shared));

    /// <summary>What experiments showed.</summary>
    public ShownLog Shown { get; } = new(folder, (limits ?? new CallLimits()).ShownMebibytes);

    /// <summary>Blocked products.</summary>
    public BlockedStore Blocked { get; } = new(folder, new(folder, shared));

    /// <summary>Saved audiences.</summary>
    public AudienceStore Audiences { get; } = new(folder, limits ?? new CallLimits(), new(folder, shared));

    /// <summary>What users did since the training.</summary>
    public EventStore Events { get; } = new(folder, (limits ?? new CallLimits()).Events);

    /// <summary>
    /// What could not be read at the last <see cref="Look"/>, and what is wrong with the logs now, a sentence each.
    /// </summary>
    public IReadOnlyList<string> Problems =>
        [.. Volatile.Read(ref _problems), .. ((string?[])[Events.Problem, Shown.Problem]).OfType<string>()];

    /// <summary>
    /// Looks through the saved pools, placements and audiences; <see cref="Blocked"/> says itself what is wrong with
    /// it.
    /// </summary>
    public void Look()
    {
        var problems = new List<string>();
        Pools.List(problems);
        Placements.List(problems);
        Audiences.List(problems);
        Experiments.List(problems);
        Volatile.Write(ref _problems, [.. problems]);
    }
}
