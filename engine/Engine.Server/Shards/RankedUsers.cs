using Engine.Kernels.Arithmetic;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Contract;

namespace Engine.Server.Shards;

/// <summary>RankUsers over shards: their lists merged by score, ties by the place in the whole snapshot.</summary>
internal static class RankedUsers
{
    /// <summary>The request to one shard.</summary>
    public static RankUsersRequest Of(RankUsersRequest request, string snapshotId)
    {
        var one = request.Clone();
        (one.SnapshotId, one.AllowPartial) = (snapshotId, true);
        return one;
    }

    /// <summary>Merges streams block by block.</summary>
    /// <param name="model">A shard: its clock of predictions is that of all.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="shards">The streams, each at its first message.</param>
    /// <param name="missing">Buckets of the streams that are not there.</param>
    /// <param name="clock">Measures the call.</param>
    public static async IAsyncEnumerable<RankUsersReply> Merge(
        ScoringModel model,
        RankUsersRequest request,
        IReadOnlyList<IAsyncEnumerator<RankUsersReply>> shards,
        IReadOnlyList<Snapshots.Manifest.BucketRange> missing,
        CallClock clock)
    {
        var block = Header(model, request, [.. shards.Select(shard => shard.Current)], missing, clock);
        var blockSize = RankUsersCall.BlockSizeOf(request);
        var left = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK);
        var (next, best, rank) = (new int[shards.Count], new PriorityQueue<int, ulong>(), 0);
        for (var shard = 0; shard < shards.Count; shard++)
        {
            await Take(shard);
        }

        while (left > 0 && best.TryDequeue(out var shard, out _))
        {
            if (block.Users.Count == blockSize)
            {
                block.ServerMicros = clock.Micros;
                yield return block;
                block = new RankUsersReply();
            }

            var user = shards[shard].Current.Users[next[shard]++];
            (user.Rank, user.Place) = (++rank, 0);
            block.Users.Add(user);
            left--;
            await Take(shard);
        }

        block.ServerMicros = clock.Micros;
        yield return block;

        async ValueTask Take(int shard)
        {
            while (next[shard] == shards[shard].Current.Users.Count)
            {
                if (!await shards[shard].MoveNextAsync())
                {
                    return;
                }

                next[shard] = 0;
            }

            var user = shards[shard].Current.Users[next[shard]];
            best.Enqueue(shard, RankKey.Pack(user.Score, user.Place));
        }
    }

    private static IEnumerable<Skipped> Products(RankUsersReply header) =>
        header.Skipped.Take((int)Math.Min(header.SkippedProductCount, header.Skipped.Count));

    private static RankUsersReply Header(
        ScoringModel model,
        RankUsersRequest request,
        RankUsersReply[] first,
        IReadOnlyList<Snapshots.Manifest.BucketRange> missing,
        CallClock clock)
    {
        var header = new RankUsersReply
        {
            SnapshotId = model.Snapshot.SetId,
            ProductName = first[0].ProductName,
            ProductCount = first[0].ProductCount,
            EligibleCount = first.Sum(one => one.EligibleCount),
            SkippedCount = first[0].SkippedProductCount
                + first.Sum(one => one.SkippedCount - one.SkippedProductCount),
            SkippedProductCount = first[0].SkippedProductCount,
        };

        // All shards skip the same products.
        header.Skipped.AddRange(
            Products(first[0])
                .Concat(SkippedMerge.Of(
                    request.UserIds, [.. first.Select(one => one.Skipped.Skip(Products(one).Count()).ToArray())]))
                .Take(Scoring.Ids.SkippedIds.MaximumKept));
        ReplyFields.Fill(header.MissingBuckets, missing);
        clock.WarnWhenStale(model.Snapshot, header.Warnings);
        return header;
    }
}
