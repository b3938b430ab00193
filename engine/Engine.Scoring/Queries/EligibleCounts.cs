namespace Engine.Scoring.Queries;

/// <summary>Products that are left after each clause, in the order in which they are applied.</summary>
/// <param name="Saved">After the saved pool.</param>
/// <param name="Rule">After the inline rule.</param>
/// <param name="Listed">After the inline list.</param>
/// <param name="Blocked">After the blocked products.</param>
/// <param name="Exclusion">After the exclusions.</param>
internal readonly record struct EligibleCounts(int Saved, int Rule, int Listed, int Blocked, int Exclusion);
