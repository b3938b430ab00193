using Engine.Scoring.Pools;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Audiences;

/// <summary>Users by what they did: with any product of a pool, in a window of days, at least so often.</summary>
public sealed record BehaviorFilter
{
    /// <summary>The longest window: the scope year and a leap day.</summary>
    public const int MaximumDays = 366;

    /// <summary>Which behaviors count; at least one.</summary>
    public required IReadOnlySet<BehaviorType> Types { get; init; }

    /// <summary>With which products; null stands for any.</summary>
    public ResolvedPool? Pool { get; init; }

    /// <summary>How often in all: units of purchases, occurrences of the others. 1..1,000,000.</summary>
    public int AtLeast { get; init; } = 1;

    /// <summary>Only the last so many days up to date(L), that day included; 1..366.</summary>
    public int WithinDays { get; init; } = MaximumDays;
}
