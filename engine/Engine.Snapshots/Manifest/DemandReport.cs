using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// nDCG@20 on the held-out window by what a score knows of demand, over all products; means of at most 2,000 users.
/// </summary>
/// <param name="Without">Without the products' sales.</param>
/// <param name="Served">As served.</param>
/// <param name="Told">Told how many users purchase each product in the window, which nobody can know.</param>
[MessagePackObject]
public sealed record DemandReport(
    [property: Key("without_ndcg_at_20")] double Without,
    [property: Key("served_ndcg_at_20")] double Served,
    [property: Key("told_ndcg_at_20")] double Told)
{
    /// <summary>The share of the gap that the served score closes; null where knowing demand brings nothing.</summary>
    [IgnoreMember]
    public double? Closed => Told > Without ? (Served - Without) / (Told - Without) : null;
}
