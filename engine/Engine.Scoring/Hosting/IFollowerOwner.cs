using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>
/// What a <see cref="CurrentFollower"/> asks its owner, and what it tells him. Only loading is required. Calls come one
/// at a time.
/// </summary>
public interface IFollowerOwner
{
    /// <summary>The snapshot to serve; null when there is none.</summary>
    /// <param name="current">What CURRENT of the folder names.</param>
    /// <param name="active">What is served.</param>
    string? Choose(Func<string?> current, string? active) => current();

    /// <summary>Opens, verifies and warms a published snapshot. The follower owns the model from then on.</summary>
    /// <exception cref="InputException">It is damaged, or does not fit.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    ScoringModel Load(string id, CancellationToken cancellation);

    /// <summary>
    /// The snapshot to serve before <paramref name="id"/> while none is served, so that there is something to compare
    /// it with; null for none.
    /// </summary>
    string? Baseline(string id) => null;

    /// <summary>Why a sound model shall not be served; null when it may.</summary>
    string? Judge(ScoringModel model, CancellationToken cancellation) => null;

    /// <summary>Changes when <see cref="Judge"/> may answer otherwise for the same file.</summary>
    string JudgedBy(string id) => "";

    /// <summary>A model answers from now on.</summary>
    /// <param name="model">It.</param>
    /// <param name="previous">The id of the one that it replaced, or null.</param>
    void Serving(ScoringModel model, string? previous)
    {
    }

    /// <summary>What CURRENT names is what answers, and its file is sound.</summary>
    void Following(string id)
    {
    }

    /// <summary>What CURRENT names is not served. Told once for each reason.</summary>
    void Refused(string reason)
    {
    }

    /// <summary>Nothing is published (any more). Told once.</summary>
    void Waiting(string reason)
    {
    }
}
