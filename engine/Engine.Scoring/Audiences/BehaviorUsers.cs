using Engine.Snapshots.Ids;

namespace Engine.Scoring.Audiences;

/// <summary>Users found by what they did.</summary>
/// <param name="InScope">Users of the snapshot, by ascending ordinal.</param>
/// <param name="OutOfScope">Ids of users without a purchase in the scope year, ascending by UTF-8 bytes; they have no personal score.</param>
public sealed record BehaviorUsers(IReadOnlyList<UserOrdinal> InScope, IReadOnlyList<string> OutOfScope);
