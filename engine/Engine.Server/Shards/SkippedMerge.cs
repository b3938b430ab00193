using Engine.Protos.V1;

namespace Engine.Server.Shards;

/// <summary>The skipped ids of all shards in the order of the request, as one engine would list them.</summary>
internal static class SkippedMerge
{
    /// <summary>Merges them.</summary>
    /// <param name="ids">The inline ids of the request: they come first in every list, in this order.</param>
    /// <param name="shards">The lists.</param>
    /// <returns>At most 100. Those of a saved audience come last, by shard.</returns>
    public static IEnumerable<Skipped> Of(IEnumerable<string> ids, IReadOnlyList<IReadOnlyList<Skipped>> shards)
    {
        var (next, merged) = (new int[shards.Count], new List<Skipped>());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in shards.Any(list => list.Count > 0) ? ids : [])
        {
            var isAgain = !seen.Add(id);
            for (var shard = 0; shard < next.Length; shard++)
            {
                if (next[shard] < shards[shard].Count && shards[shard][next[shard]] is var skipped && skipped.Id == id
                    && (isAgain || skipped.Reason != SkipReason.Duplicate))
                {
                    merged.Add(skipped);
                    next[shard]++;
                    break;
                }
            }

            if (merged.Count == Scoring.Ids.SkippedIds.MaximumKept)
            {
                return merged;
            }
        }

        return merged.Concat(shards.SelectMany((list, shard) => list.Skip(next[shard])))
            .Take(Scoring.Ids.SkippedIds.MaximumKept);
    }
}
