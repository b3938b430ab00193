using Engine.Scoring.Pools;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Audiences;

/// <summary>Users by what they did: with any product of a pool, in a window of days, at least so often.</summary>
public sealed record BehaviorFilter
{
    /// <summary>The longest window, in days: a century.</summary>
    public const int MaximumDays = 36_525;

    /// <summary>Which behaviors count; at least one.</summary>
    public required IReadOnlySet<BehaviorType> Types { get; init; }

    /// <summary>
    /// With which products; null means any. Ids in its list count whether or not the product is in scope.
    /// </summary>
    public ResolvedPool? Pool { get; init; }

    /// <summary>How often in all: units of purchases, occurrences of the others. 1..1,000,000.</summary>
    public int AtLeast { get; init; } = 1;

    /// <summary>Only the last so many days up to date(L), that day included, 1..36,525; null means ever.</summary>
    public int? WithinDays { get; init; }
}
