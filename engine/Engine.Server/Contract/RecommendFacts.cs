using Engine.Scoring.Queries;
using Engine.Snapshots;

namespace Engine.Server.Contract;

/// <summary>
/// What a reply to Recommend says, before it has a form: the message, the wire bytes and the JSON are made from it.
/// Valid while the model is leased and the answer is not used again.
/// </summary>
/// <param name="Snapshot">The snapshot that answered.</param>
/// <param name="Answer">Products, counts and skipped ids.</param>
/// <param name="Clauses">What each clause of the request removed.</param>
/// <param name="Clock">Measures the call.</param>
/// <param name="Filter">Which products were asked for.</param>
internal readonly record struct RecommendFacts(
    Snapshot Snapshot, RecommendAnswer Answer, ClauseCounts Clauses, CallClock Clock, ProductFilter Filter)
{
    /// <summary>Whether scores have a percentile and, in a calibrated snapshot, a probability.</summary>
    public bool IsCalibrated => Answer.Source is not (ScoreSource.Popularity or ScoreSource.Audience);

    /// <summary>Messages for people: that the prediction window has passed, or null.</summary>
    public string? Warning => Clock.StaleWarning(Snapshot);

    /// <summary>Messages for people: why the pool or the rule holds nothing, or null.</summary>
    public string? PoolWarning => Filter.EmptyPool?.Problem;
}
