using Engine.Kernels.Sparse;
using Engine.Snapshots;

namespace Engine.Scoring.Profiles;

/// <summary>
/// The sparse part of scores: history x similarity, and the own terms. Rows are added by ascending source in every mode
/// of the engine, the own terms last, so that the sums agree bit for bit.
/// </summary>
internal static class SparseScores
{
    /// <summary>
    /// Rows prefetched before the one that is added: they are scattered over a matrix that no cache holds.
    /// </summary>
    private const int PrefetchDistance = 8;

    /// <summary>Sums the sparse part of one profile's score for every product that it reaches.</summary>
    public static void Collect(this SparseSums sums, Snapshot snapshot, ProfileRow profile)
    {
        sums.Clear(snapshot.ProductFactors.Rows);
        var similarity = snapshot.Similarity;
        var history = profile.History;
        for (var i = 0; i < Math.Min(PrefetchDistance, history.Count); i++)
        {
            similarity.Prefetch(history.Indices[i]);
        }

        for (var i = 0; i < history.Count; i++)
        {
            if (i + PrefetchDistance < history.Count)
            {
                similarity.Prefetch(history.Indices[i + PrefetchDistance]);
            }

            sums.Add(history.Values[i], similarity.Row(history.Indices[i]));
        }

        sums.Add(profile.Own);
    }
}
