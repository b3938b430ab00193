using Engine.Model.Kernels;
using Engine.Scoring.Hosting;

namespace Engine.Scoring;

/// <summary>The working memory of one query at a time on one model; it grows to the largest query seen and then stays.</summary>
internal sealed class QueryScratch(ScoringModel model)
{
    /// <summary>Of the search kernel.</summary>
    public TopKScratch TopK { get; } = new();

    /// <summary>Sums of the sparse part.</summary>
    public SparseScores Sparse { get; } = new();

    /// <summary>What may be in the answer.</summary>
    public Bitset Eligible { get; } = new();

    /// <summary>An id list of the request, resolved.</summary>
    public Bitset Listed { get; } = new();

    /// <summary>Products that the user purchased.</summary>
    public Bitset Purchased { get; } = new();

    /// <summary>The user's history together with the recent behaviour.</summary>
    public ProfileBuilder Basket { get; } = new(model.ProfileTables);

    /// <summary>From a basket to factors.</summary>
    public FoldIn FoldIn { get; } = new(model.Snapshot);
}
