namespace Trainer.Evaluation.Metrics;

/// <summary>Scores all items for a block of users; one instance serves one thread.</summary>
public interface IItemScorer
{
    /// <summary>Users per block.</summary>
    static int BlockUsers => 8;

    /// <summary>Fills the scores of consecutive users.</summary>
    /// <param name="firstUser">The block's first user.</param>
    /// <param name="count">Users in it, 1..<see cref="BlockUsers"/>.</param>
    /// <param name="scores">
    /// BlockUsers rows of <paramref name="stride"/> floats; the first items of each row are written.
    /// </param>
    /// <param name="stride">Floats from row to row: the items rounded up to a multiple of 16.</param>
    void Score(int firstUser, int count, Span<float> scores, int stride);
}
