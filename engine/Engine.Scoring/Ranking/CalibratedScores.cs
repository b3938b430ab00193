using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Ranking;

/// <summary>What a score means to a person: a probability and a place among the product's users.</summary>
public static class CalibratedScores
{
    /// <summary>
    /// The probability that a purchase follows within the horizon, or null when the snapshot is not calibrated.
    /// </summary>
    public static double? Probability(Snapshot snapshot, float score) =>
        snapshot.Manifest.Calibration.Probability(score);

    /// <summary>
    /// Where the score stands among the users' scores for this product, 0..100, and how far the true share of users may
    /// lie from it, in points.
    /// </summary>
    public static (float Percentile, float Error) Place(Snapshot snapshot, ProductOrdinal product, float score) =>
        ScoreQuantiles.Place(snapshot.QuantilesOf(product), score, snapshot.AllUsers);
}
