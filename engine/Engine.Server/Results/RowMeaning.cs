using Engine.Scoring.Batch;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;

namespace Engine.Server.Results;

/// <summary>
/// What the score of a row means to a person: the very probability and percentile that Recommend and Score return. A
/// corrected score of a re-ranker has neither: nothing was calibrated on it.
/// </summary>
internal readonly struct RowMeaning(BatchPlan plan)
{
    /// <summary>Whether rows have a probability.</summary>
    public bool HasProbability { get; } = plan.Reranker is null
        && CalibratedScores.Probability(plan.Model.Snapshot, 0) is not null;

    /// <summary>Whether rows have a percentile.</summary>
    public bool HasPercentile { get; } = plan.Reranker is null;

    /// <summary>0..1. Only when there is one.</summary>
    public double Probability(float score) => CalibratedScores.Probability(plan.Model.Snapshot, score)!.Value;

    /// <summary>0..100. Only when there is one.</summary>
    public float Percentile(ScoredProduct row) =>
        CalibratedScores.Place(plan.Model.Snapshot, row.Product, row.Score).Percentile;
}
