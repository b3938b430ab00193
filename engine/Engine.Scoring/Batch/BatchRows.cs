using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>Answers of some users.</summary>
/// <param name="users">The users.</param>
/// <param name="answers">K entries a user, the first of them filled, best first.</param>
/// <param name="counts">How many are filled, a user.</param>
public readonly ref struct BatchRows(
    ReadOnlySpan<UserOrdinal> users, ReadOnlySpan<ScoredProduct> answers, ReadOnlySpan<int> counts)
{
    /// <summary>The users.</summary>
    public ReadOnlySpan<UserOrdinal> Users { get; } = users;

    /// <summary>Filled entries a user.</summary>
    public ReadOnlySpan<int> Counts { get; } = counts;

    private ReadOnlySpan<ScoredProduct> Answers { get; } = answers;

    /// <summary>The products of user number <paramref name="index"/>, best first.</summary>
    public ReadOnlySpan<ScoredProduct> Of(int index) =>
        Answers.Slice(index * (Answers.Length / Counts.Length), Counts[index]);
}
