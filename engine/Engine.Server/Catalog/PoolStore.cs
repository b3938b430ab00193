using Engine.Scoring.Pools;
using Engine.Server.Configuration;

namespace Engine.Server.Catalog;

/// <summary>The saved pools of one workspace.</summary>
internal sealed class PoolStore(string workspaceFolder, CallLimits limits, WorkspaceFiles? files = null)
    : VersionedStore<PoolDefinition>(workspaceFolder, "pool", limits, files)
{
    /// <inheritdoc/>
    protected override string NameOf(PoolDefinition one) => one.Name;

    /// <inheritdoc/>
    protected override long VersionOf(PoolDefinition one) => one.Version;

    /// <inheritdoc/>
    protected override PoolDefinition WithVersion(PoolDefinition one, long version) => one with { Version = version };

    /// <inheritdoc/>
    protected override PoolDefinition Packed(PoolDefinition one) =>
        one with { ProductIds = PackedIds.Of(one.ProductIds) };

    /// <inheritdoc/>
    protected override string? ProblemOf(PoolDefinition one) =>
        one is { Name: not null, Rule: not null, ProductIds: not null } && !one.ProductIds.Contains(null!)
            ? null
            : "name, rule, productIds or one of these is missing";
}
