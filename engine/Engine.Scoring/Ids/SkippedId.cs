namespace Engine.Scoring.Ids;

/// <summary>A skipped id of a query.</summary>
public readonly record struct SkippedId(string Id, SkipReason Reason);
