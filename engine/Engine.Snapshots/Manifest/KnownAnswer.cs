using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>One question, and the rows that the trainer's engine answered, best first.</summary>
/// <remarks>
/// Products are ordinals. Users are ordinals of the whole snapshot, so that a shard has the same answers.
/// </remarks>
/// <param name="Question">What was asked.</param>
/// <param name="Asked">The user, the products of the basket, or the product.</param>
/// <param name="Found">Products; of <see cref="KnownQuestion.Audience"/> users, all that were asked about.</param>
/// <param name="Scores">A score each, finite; of related products the strength.</param>
[MessagePackObject]
public sealed record KnownAnswer(
    [property: Key("question")] KnownQuestion Question,
    [property: Key("asked")] int[] Asked,
    [property: Key("found")] int[] Found,
    [property: Key("scores")] float[] Scores)
{
    private const int MostRows = 1_000;

    /// <summary>Whether ordinals are in their range, and there is a finite score for each row.</summary>
    /// <param name="users">Users of the whole snapshot.</param>
    /// <param name="products">Products of the snapshot.</param>
    public bool IsSound(int users, int products) =>
        Enum.IsDefined(Question) && Asked is { Length: >= 1 and <= MostRows } && Found is { Length: <= MostRows }
        && (Asked.Length == 1 || Question == KnownQuestion.Basket)
        && Scores?.Length == Found.Length && Scores.All(float.IsFinite)
        && Are(Asked, Question == KnownQuestion.User ? users : products)
        && Are(Found, Question == KnownQuestion.Audience ? users : products)
        && Found.Distinct().Count() == Found.Length;

    private static bool Are(int[] ordinals, int count) => Array.TrueForAll(ordinals, one => one >= 0 && one < count);
}
