using Engine.Snapshots.Manifest;

namespace Engine.Snapshots.Writing;

/// <summary>The sections about users that one shard has; those about products are the whole snapshot's.</summary>
/// <param name="Terms">Which shard.</param>
/// <param name="UserIds">By user ordinal.</param>
/// <param name="Places">The ordinal in the whole snapshot by user, ascending.</param>
/// <param name="UserFactors">users x (factors + rates).</param>
/// <param name="Profile">Not looked at, and null at will, where the whole snapshot stores none.</param>
/// <param name="History">The behaviors of the scope year.</param>
/// <param name="OutOfScope">The other behaviors; null to leave them out.</param>
/// <param name="Known">Answers that hold for these users on the snapshot's products; null to leave them out.</param>
public sealed record ShardContent(
    ShardTerms Terms,
    IReadOnlyList<string> UserIds,
    int[] Places,
    FactorContent UserFactors,
    ProfileContent? Profile,
    HistoryContent History,
    OutOfScopeContent? OutOfScope,
    KnownAnswers? Known);
