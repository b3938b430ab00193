using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Queries;

/// <summary>One thing that the shopper just did.</summary>
/// <param name="ProductId">Opaque, case-sensitive.</param>
/// <param name="Type">What it was.</param>
/// <param name="AgeDays">Days before now, at least 0.</param>
/// <param name="Count">How often, at least 1.</param>
public readonly record struct RecentBehavior(string ProductId, BehaviorType Type, double AgeDays, int Count);
