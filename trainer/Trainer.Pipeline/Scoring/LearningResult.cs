namespace Trainer.Pipeline.Scoring;

/// <summary>What <see cref="ScoreLearner"/> learned for predictions after a day.</summary>
/// <param name="Score">The score.</param>
/// <param name="Candidates">
/// The sets of parts that competed; none when the data before the day are too short to learn from.
/// </param>
/// <param name="Splits">The windows that it was learned on, the last one first.</param>
public sealed record LearningResult(
    LearnedScore Score, CandidateResult[] Candidates, IReadOnlyList<SplitSample> Splits);
