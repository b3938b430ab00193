using System.Text;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Contract;
using Google.Protobuf;
using Grpc.Core;

namespace Engine.Server.Shards;

/// <summary>The calls about many users, asked of all shards.</summary>
internal static class ScatteredCalls
{
    /// <summary>RankUsers.</summary>
    public static async IAsyncEnumerable<RankUsersReply> RankUsers(
        ShardSet shards, ScoringModel model, RankUsersRequest request, CallClock clock)
    {
        var (streams, missing) = await shards.AskAll(
            request.AllowPartial,
            (owner, snapshotId, options) => OwnerReplies.Begin(
                shards,
                snapshotId,
                new Recommender.RecommenderClient(owner).RankUsers(RankedUsers.Of(request, snapshotId), options)));
        try
        {
            await foreach (var block in RankedUsers.Merge(model, request, streams, missing, clock))
            {
                yield return block;
            }
        }
        finally
        {
            await ShardSet.End(streams);
        }
    }

    /// <summary>EstimateAudience.</summary>
    public static async Task<EstimateAudienceReply> EstimateAudience(
        ShardSet shards, ScoringModel model, EstimateAudienceRequest request, CallClock clock)
    {
        var (counted, missing) = await Ask(null);
        if (!request.HasLow && CountedUsers.RangeOf(counted) is { } range && float.IsFinite(range.High - range.Low))
        {
            (counted, missing) = await Ask(range);
        }

        return CountedUsers.Merge(model, request, counted, missing, clock);

        Task<(IReadOnlyList<EstimateAudienceReply>, IReadOnlyList<Snapshots.Manifest.BucketRange>)> Ask(
            (float, float)? thresholds) => shards.AskAll(
                request.AllowPartial,
                (owner, snapshotId, options) => new Recommender.RecommenderClient(owner).EstimateAudienceAsync(
                    CountedUsers.Of(request, snapshotId, thresholds), options).ResponseAsync);
    }

    /// <summary>The sums of RecommendForAudience.</summary>
    public static async Task<(SummedUsers Sum, IReadOnlyList<Snapshots.Manifest.BucketRange> Missing)> SumAudience(
        ShardSet shards, ScoringModel model, RecommendForAudienceRequest request)
    {
        var (streams, missing) = await shards.AskAll(
            request.AllowPartial,
            (owner, snapshotId, options) => OwnerReplies.Begin(
                shards,
                snapshotId,
                new Recommender.RecommenderClient(owner).SumAudience(SummedUsers.Of(request, snapshotId), options)));
        try
        {
            var sum = new SummedUsers(model);
            foreach (var stream in streams)
            {
                do
                {
                    sum.Add(stream.Current);
                }
                while (await stream.MoveNextAsync());
            }

            return (sum, missing);
        }
        finally
        {
            await ShardSet.End(streams);
        }
    }

    /// <summary>SaveAudience: each owner saves the users of its buckets.</summary>
    public static async Task<Audience> SaveAudience(ShardSet shards, SaveAudienceRequest request)
    {
        var saved = await shards.AskOwners((owner, options) =>
            new Protos.V1.Catalog.CatalogClient(owner).SaveAudienceAsync(request, options).ResponseAsync);
        var first = saved.Select(owners => owners[0]).ToArray();
        var audience = first[0].Clone();
        audience.UserCount = first.Sum(one => one.UserCount);
        audience.InScopeCount = first.Sum(one => one.InScopeCount);
        audience.Notes.Clear();
        audience.Notes.AddRange(first.SelectMany(one => one.Notes).Distinct(StringComparer.Ordinal));
        return audience;
    }

    /// <summary>ExportAudience: the ids by shard.</summary>
    public static async IAsyncEnumerable<FileChunk> ExportAudience(ShardSet shards, ExportAudienceRequest request)
    {
        var header = Encoding.UTF8.GetByteCount("user_id\n");
        // All of them first, so that a missing one is known before the first id is sent. Only one stream is open at a
        // time: its owner does not wait for the shards before it to be read.
        var (found, _) = await shards.AskAll(allowPartial: false, Begin);
        await ShardSet.End(found);
        for (var shard = 0; shard < shards.Count; shard++)
        {
            await using var stream = await shards.AskOwner(shard, Begin);
            var skip = shard == 0 ? 0 : header;
            do
            {
                yield return new FileChunk { Data = ByteString.CopyFrom(stream.Current.Data.Span[skip..]) };
                skip = 0;
            }
            while (await stream.MoveNextAsync());
        }

        Task<IAsyncEnumerator<FileChunk>> Begin(CallInvoker owner, string snapshotId, CallOptions options) =>
            OwnerReplies.Begin(
                shards,
                snapshotId,
                new Protos.V1.Catalog.CatalogClient(owner).ExportAudience(request, options));
    }
}
