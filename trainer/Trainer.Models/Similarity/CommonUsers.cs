using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Similarity;

/// <summary>How many users have both items of a pair.</summary>
public static class CommonUsers
{
    /// <summary>Counts for every entry of <paramref name="pairs"/>; 0 where no user has both.</summary>
    /// <param name="pairs">Pairs of items.</param>
    /// <param name="interactions">Users by items.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static int[] Count(SimilarityMatrix pairs, InteractionMatrix interactions, RunContext run)
    {
        var byUser = Incidence.Of(interactions);
        var byItem = byUser.Transpose(null, run);
        var supports = new int[pairs.Columns.Length];
        Workers.Run(pairs.ItemCount, run, () => new int[pairs.ItemCount], (counts, item) =>
        {
            counts.AsSpan().Clear();
            foreach (var user in byItem.Row(item))
            {
                foreach (var other in byUser.Row(user))
                {
                    counts[other]++;
                }
            }

            var row = pairs.Row(item);
            for (var e = row.Start.Value; e < row.End.Value; e++)
            {
                supports[e] = counts[pairs.Columns[e]];
            }
        });
        return supports;
    }
}
