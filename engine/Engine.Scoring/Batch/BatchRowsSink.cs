namespace Engine.Scoring.Batch;

/// <summary>Receives answers of a part.</summary>
public delegate void BatchRowsSink(BatchRows rows);
