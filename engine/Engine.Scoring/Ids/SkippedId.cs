namespace Engine.Scoring.Ids;

/// <summary>An id of a request that took no part.</summary>
public readonly record struct SkippedId(string Id, SkipReason Reason);
