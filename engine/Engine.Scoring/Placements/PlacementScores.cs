using Engine.Snapshots;

namespace Engine.Scoring.Placements;

/// <summary>The scores of the sources that know no shopper, on a log scale.</summary>
internal static class PlacementScores
{
    /// <summary>ln(1 + purchasers).</summary>
    public static float Popular(Snapshot snapshot, int product) => MathF.Log(1f + snapshot.ProductBuyers[product]);

    /// <summary>ln(strength); +0 keeps a negative zero out of the order.</summary>
    public static float Related(float strength) => MathF.Log(strength) + 0f;
}
