namespace Engine.Snapshots.Ids;

/// <summary>
/// A user's row in one snapshot, 0-based. Never leaves the lease of that snapshot: outside, users have ids.
/// </summary>
public readonly record struct UserOrdinal(int Value);
