using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// New products: how many there are, and how well factors from tags find the purchasers of products that were hidden
/// from the regression. Each judged user is scored without behavior with the hidden products, and only among these.
/// </summary>
/// <param name="Products">New products in the snapshot.</param>
/// <param name="Features">Values of tags and words of names that the regression has a weight for.</param>
/// <param name="Hidden">Products that were hidden from it.</param>
/// <param name="Users">Users who were judged: at most 2,000 who purchased a hidden product.</param>
/// <param name="Tags">Factors and rate from tags.</param>
/// <param name="Popularity">By their purchasers, whom nobody knows of a new product.</param>
/// <param name="Own">Their own factors and rate, learned from their purchases.</param>
[MessagePackObject]
public sealed record ColdReport(
    [property: Key("products")] int Products,
    [property: Key("features")] int Features,
    [property: Key("hidden")] int Hidden,
    [property: Key("users")] int Users,
    [property: Key("tags")] ColdMetrics Tags,
    [property: Key("popularity")] ColdMetrics Popularity,
    [property: Key("own")] ColdMetrics Own);

/// <summary>How well a score finds the purchasers of hidden products; means over the judged users.</summary>
/// <param name="Auc">
/// The probability that a purchased hidden product has a higher score than one that is not; 0.5 by chance.
/// </param>
/// <param name="RecallAt10">The share of at most ten purchased hidden products among the best ten.</param>
[MessagePackObject]
public sealed record ColdMetrics([property: Key("auc")] double Auc, [property: Key("recall_at_10")] double RecallAt10);
