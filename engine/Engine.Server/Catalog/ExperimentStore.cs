using Engine.Campaigns.Experiments;
using Engine.Server.Configuration;

namespace Engine.Server.Catalog;

/// <summary>The saved experiments of one workspace.</summary>
internal sealed class ExperimentStore(string workspaceFolder, CallLimits limits, WorkspaceFiles? files = null)
    : VersionedStore<ExperimentDefinition>(workspaceFolder, "experiment", limits, files)
{
    /// <summary>The snapshots that arms name.</summary>
    public IReadOnlyList<string> SnapshotIds() =>
    [
        .. List().SelectMany(experiment => experiment.Arms).Select(arm => arm.SnapshotId).Where(id => id.Length > 0)
            .Distinct(StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    protected override string NameOf(ExperimentDefinition one) => one.Name;

    /// <inheritdoc/>
    protected override long VersionOf(ExperimentDefinition one) => one.Version;

    /// <inheritdoc/>
    protected override ExperimentDefinition WithVersion(ExperimentDefinition one, long version) =>
        one with { Version = version };

    /// <inheritdoc/>
    protected override string? ProblemOf(ExperimentDefinition one)
    {
        if (one is not { Name: not null, Arms: not null }
            || one.Arms.Any(arm => arm is not { Name: not null, Placement: not null, SnapshotId: not null }))
        {
            return "a value is missing";
        }

        try
        {
            one.Check();
            return null;
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }
}
