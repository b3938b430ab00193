namespace Engine.Scoring.Reranking;

/// <summary>
/// Corrects the scores of a user's best candidates. For batches and tasks; no online answer uses it. Called from
/// several threads at once; the corrections must not depend on threads.
/// </summary>
public interface IReranker : IDisposable
{
    /// <summary>Candidates of a user that are corrected, best first.</summary>
    int Candidates { get; }

    /// <summary>Adds each row's correction to its score.</summary>
    /// <param name="rows">rows x features; it may be longer.</param>
    /// <param name="scores">One score a row; changed in place.</param>
    void Correct(float[] rows, Span<float> scores);
}
