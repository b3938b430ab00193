using Engine.Scoring.Reranking;
using Engine.Snapshots;

namespace Engine.Scoring;

/// <summary>How a <see cref="RecommendationEngine"/> opens its snapshots.</summary>
public sealed record RecommendationEngineOptions
{
    /// <summary>The workspace whose snapshots are served.</summary>
    public string Workspace { get; init; } = SnapshotDirectory.DefaultWorkspace;

    /// <summary>
    /// How often CURRENT and the list of forgotten people are read; <see cref="Timeout.InfiniteTimeSpan"/> means only
    /// on <see cref="RecommendationEngine.Refresh"/>.
    /// </summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Makes the re-ranker of a snapshot; null opens snapshots without one.</summary>
    public RerankerFactory? Rerankers { get; init; }

    /// <summary>Runs the polling.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
