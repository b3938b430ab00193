using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>How a model spreads its lists over the catalog.</summary>
/// <param name="Model">As in <see cref="RankingRow"/>.</param>
/// <param name="K">Length of the lists.</param>
/// <param name="Coverage">Share of the products that are in any list.</param>
/// <param name="Gini">Of the products' places in lists: 0 all equal, near 1 a few products have them all.</param>
[MessagePackObject]
public sealed record CoverageRow(
    [property: Key("model")] string Model,
    [property: Key("k")] int K,
    [property: Key("coverage")] double Coverage,
    [property: Key("gini")] double Gini);
