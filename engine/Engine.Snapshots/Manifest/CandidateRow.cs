using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>One competitor for the score on the last learning window.</summary>
/// <param name="Name">Which parts it has: <c>frequency</c> is the baseline, <c>full</c> has all.</param>
/// <param name="Ndcg">nDCG@20.</param>
/// <param name="Served">Whether it was chosen.</param>
[MessagePackObject]
public sealed record CandidateRow(
    [property: Key("name")] string Name,
    [property: Key("ndcg_at_20")] double Ndcg,
    [property: Key("served")] bool Served);
