using Engine.Scoring.Placements;
using Engine.Server.Configuration;

namespace Engine.Server.Catalog;

/// <summary>The saved placements of one workspace.</summary>
internal sealed class PlacementStore(string workspaceFolder, CallLimits limits, WorkspaceFiles? files = null)
    : VersionedStore<PlacementDefinition>(workspaceFolder, "placement", limits, files)
{
    /// <inheritdoc/>
    protected override string NameOf(PlacementDefinition one) => one.Name;

    /// <inheritdoc/>
    protected override long VersionOf(PlacementDefinition one) => one.Version;

    /// <inheritdoc/>
    protected override PlacementDefinition WithVersion(PlacementDefinition one, long version) =>
        one with { Version = version };

    /// <inheritdoc/>
    protected override string? ProblemOf(PlacementDefinition one)
    {
        if (one is not { Name: not null, Pool: not null, Rule: not null, Sources: not null, Rules: not null }
            || one.ExcludedProductIds?.Contains(null!) != false
            || one.Rules.Any(rule => rule is not { Rule: not null, ProductId: not null, Tag: not null }))
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
