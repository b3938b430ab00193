using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// The optional re-ranker: an ONNX model that corrects the scores of a user's best candidates, in batches and tasks
/// alone.
/// </summary>
/// <param name="Candidates">How many of the best it looks at, 1..10,000.</param>
/// <param name="Features">The names of its inputs in their order, as the engine writes them.</param>
[MessagePackObject]
public sealed record RerankerTerms(
    [property: Key("candidates")] int Candidates,
    [property: Key("features")] string[] Features)
{
    /// <summary>Whether the numbers and names are there.</summary>
    [IgnoreMember]
    public bool IsSound => Candidates is >= 1 and <= 10_000 && Features is { Length: > 0 };
}
