using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Queries;

/// <summary>One recent action of a shopper.</summary>
/// <param name="ProductId">Opaque, case-sensitive.</param>
/// <param name="Type">The kind of action.</param>
/// <param name="AgeDays">Days before now, at least 0.</param>
/// <param name="Count">Number of times, at least 1.</param>
public readonly record struct RecentBehavior(string ProductId, BehaviorType Type, double AgeDays, int Count);
