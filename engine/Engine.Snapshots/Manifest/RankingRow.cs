using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// One model's lists on the held-out window: means over users, within one segment, of lists of one length.
/// </summary>
/// <param name="Model">The served score, one of its parts, or a baseline.</param>
/// <param name="Segment">
/// <c>all</c>; <c>repeat</c> (only products that the user had purchased compete and count); <c>new</c> (only others);
/// <c>tail</c> (only products that fewer than 20 users had purchased);
/// <c>activity_1</c> .. <c>activity_10</c> (tenths of the users by purchases before the window, fewest first).
/// </param>
/// <param name="K">Length of the lists.</param>
/// <param name="Users">Users with something to find.</param>
/// <param name="Recall">hits / min(K, |truth|).</param>
/// <param name="Precision">hits / K.</param>
/// <param name="Ndcg">Binary gains over log2(rank + 1); the ideal list is truncated the same way.</param>
/// <param name="Map">Mean over users of the sum of precision at each hit over min(K, |truth|).</param>
/// <param name="HitRate">Share of users with a hit.</param>
/// <param name="RecallInterval">Bootstrap 95 % interval over users: low, high.</param>
/// <param name="NdcgInterval">The same.</param>
[MessagePackObject]
public sealed record RankingRow(
    [property: Key("model")] string Model,
    [property: Key("segment")] string Segment,
    [property: Key("k")] int K,
    [property: Key("users")] int Users,
    [property: Key("recall")] double Recall,
    [property: Key("precision")] double Precision,
    [property: Key("ndcg")] double Ndcg,
    [property: Key("map")] double Map,
    [property: Key("hit_rate")] double HitRate,
    [property: Key("recall_interval")] double[] RecallInterval,
    [property: Key("ndcg_interval")] double[] NdcgInterval);
