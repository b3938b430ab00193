using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// Questions about the snapshot, with the answers that the engine gave when the snapshot was written. An engine asks
/// them again before it serves the file.
/// </summary>
[MessagePackObject]
public sealed record KnownAnswers
{
    private const int Most = 1_000;

    /// <summary>
    /// Which order of operations made the scores: engines with the same number give the same bits, on any processor.
    /// </summary>
    [Key("arithmetic")]
    public required int Arithmetic { get; init; }

    /// <summary>At most 1,000.</summary>
    [Key("answers")]
    public required KnownAnswer[] Answers { get; init; }

    /// <summary>Whether every answer is about users and products that there are.</summary>
    /// <param name="users">Users of the whole snapshot.</param>
    /// <param name="products">Products of the snapshot.</param>
    public bool IsSound(int users, int products) =>
        Answers is { Length: <= Most }
        && Array.TrueForAll(Answers, answer => answer is not null && answer.IsSound(users, products));

    /// <summary>Those that hold for any users on the same products.</summary>
    public KnownAnswers OfProducts() => this with
    {
        Answers = Array.FindAll(
            Answers, answer => answer.Question is KnownQuestion.Basket or KnownQuestion.Related),
    };
}
