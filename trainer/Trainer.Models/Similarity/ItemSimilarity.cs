using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Similarity;

/// <summary>
/// Item neighbors from co-occurrence alone: shrunk cosine, asymmetric cosine, RP3beta, TF-IDF, BM25 (see
/// <see cref="SimilarityOptions"/> and <see cref="SimilarityWeighting"/>).
/// Weights only decide what stays of a long history. The same at any number of threads.
/// </summary>
public static class ItemSimilarity
{
    /// <summary>Computes the k nearest neighbors of every item.</summary>
    /// <param name="interactions">Users by items.</param>
    /// <param name="options">Settings; validated.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static SimilarityMatrix Compute(
        InteractionMatrix interactions, SimilarityOptions options, RunContext run)
    {
        options.Validate();
        var order = PopularityOrder.Of(CappedHistory.Apply(interactions, options.HistoryCap), run);
        return NeighborSearch.Run(order, SimilarityScales.Of(order, options), options, run);
    }
}
