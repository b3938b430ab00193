using Engine.Snapshots.Ids;

namespace Engine.Scoring.Audiences;

/// <summary>Users found by what they did.</summary>
/// <param name="InScope">Users of the snapshot, by ascending ordinal.</param>
/// <param name="OutOfScope">
/// Ids of users without a purchase in the scope year, ascending by UTF-8 bytes; they have no personal score.
/// </param>
public sealed record BehaviorUsers(IReadOnlyList<UserOrdinal> InScope, IReadOnlyList<string> OutOfScope)
{
    /// <summary>
    /// Products with such behavior for which a rule could not be decided: they are out of scope and have no tags in the
    /// snapshot.
    /// </summary>
    public int UntaggedProducts { get; init; }
}
