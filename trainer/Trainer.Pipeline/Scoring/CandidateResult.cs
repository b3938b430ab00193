namespace Trainer.Pipeline.Scoring;

/// <summary>How a competitor for the score did on the last learning window.</summary>
/// <param name="Name">Which parts it has.</param>
/// <param name="Ndcg">nDCG@20.</param>
public sealed record CandidateResult(string Name, double Ndcg);
