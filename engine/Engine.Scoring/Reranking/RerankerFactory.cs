using Engine.Snapshots;
using Engine.Snapshots.Format;

namespace Engine.Scoring.Reranking;

/// <summary>Makes the re-ranker of a snapshot; null when the snapshot has none.</summary>
/// <exception cref="SnapshotFormatException">The snapshot's re-ranker cannot be run.</exception>
public delegate IReranker? RerankerFactory(Snapshot snapshot);
