namespace Engine.Scoring.Checking;

/// <summary>How the known answers of a snapshot came out; all zero in one without any.</summary>
/// <param name="Agreed">Answers that agree.</param>
/// <param name="Rounded">Those of them that agree within rounding, not bit for bit.</param>
/// <param name="Skipped">Answers about users who are not here, and baskets of another arithmetic.</param>
public readonly record struct KnownAnswerResult(int Agreed, int Rounded, int Skipped);
