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
            (owner, snapshotId, options) => Begin(
                new Recommender.RecommenderClient(owner).RankUsers(RankedUsers.Of(request, snapshotId), options),
                shards.Cancellation));
        try
        {
            await foreach (var block in RankedUsers.Merge(model, request, streams, missing, clock))
            {
                yield return block;
            }
        }
        finally
        {
            foreach (var stream in streams)
            {
                await stream.DisposeAsync();
            }
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
            (owner, snapshotId, options) => Begin(
                new Recommender.RecommenderClient(owner).SumAudience(SummedUsers.Of(request, snapshotId), options),
                shards.Cancellation));
        var sum = new SummedUsers(model);
        foreach (var stream in streams)
        {
            await using (stream)
            {
                do
                {
                    sum.Add(stream.Current);
                }
                while (await stream.MoveNextAsync());
            }
        }

        return (sum, missing);
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
        var (streams, _) = await shards.AskAll(
            allowPartial: false,
            (owner, _, options) => Begin(
                new Protos.V1.Catalog.CatalogClient(owner).ExportAudience(request, options), shards.Cancellation));
        for (var shard = 0; shard < streams.Count; shard++)
        {
            await using var stream = streams[shard];
            var skip = shard == 0 ? 0 : header;
            do
            {
                yield return new FileChunk { Data = ByteString.CopyFrom(stream.Current.Data.Span[skip..]) };
                skip = 0;
            }
            while (await stream.MoveNextAsync());
        }
    }

    // The stream at its first message, which is always there: until then another owner can be asked.
    private static async Task<IAsyncEnumerator<T>> Begin<T>(
        AsyncServerStreamingCall<T> call, CancellationToken cancellation)
    {
        var stream = Read(call, cancellation).GetAsyncEnumerator(cancellation);
        try
        {
            return await stream.MoveNextAsync()
                ? stream
                : throw new RpcException(new Status(StatusCode.Unavailable, "the engine sent no answer"));
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async IAsyncEnumerable<T> Read<T>(
        AsyncServerStreamingCall<T> call,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using (call)
        {
            while (await call.ResponseStream.MoveNext(cancellation))
            {
                yield return call.ResponseStream.Current;
            }
        }
    }
}
