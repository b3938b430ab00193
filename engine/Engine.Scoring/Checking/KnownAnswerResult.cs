namespace Engine.Scoring.Checking;

/// <summary>How the known answers of a snapshot came out; all zero in one without any.</summary>
/// <param name="Agreed">Answers that agree.</param>
/// <param name="Rounded">Those of them that agree within rounding, not bit for bit.</param>
/// <param name="Skipped">Answers about users who are not in this file.</param>
/// <param name="OtherArithmetic">Baskets whose answers are of another arithmetic, so they were not compared.</param>
public readonly record struct KnownAnswerResult(int Agreed, int Rounded, int Skipped, int OtherArithmetic = 0);
