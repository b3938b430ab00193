using Engine.Kernels.Search;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>Receives answers of a part.</summary>
public delegate void BatchRowsSink(BatchRows rows);
