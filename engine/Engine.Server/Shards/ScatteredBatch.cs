using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Snapshots;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Shards;

/// <summary>
/// One BatchRecommend over shards: a stream to one owner of each, rows in the order of the caller's users. Users go to
/// the owners a slice at a time, so that no owner waits long for its rows to be read.
/// </summary>
internal sealed class ScatteredBatch : IAsyncDisposable
{
    private readonly ShardSet _shards;
    private readonly (OwnerStream? Stream, MissingBucketsException? Missing)[] _streams;
    private readonly int _topK;
    private readonly int _mostRows;
    private BatchRecommendReply? _header;

    private ScatteredBatch(
        ShardSet shards,
        (OwnerStream? Stream, MissingBucketsException? Missing)[] streams,
        BatchRecommendReply header,
        int topK,
        int mostRows)
    {
        (_shards, _streams, _header, _topK, _mostRows) = (shards, streams, header, topK, mostRows);
    }

    /// <summary>Opens the streams.</summary>
    /// <param name="shards">The shards.</param>
    /// <param name="first">The first message: its options, without its users.</param>
    /// <param name="mostRows">Users x top_k of one message.</param>
    /// <exception cref="MissingBucketsException">No owner of any shard answers.</exception>
    public static async Task<ScatteredBatch> Begin(ShardSet shards, BatchRecommendRequest first, int mostRows)
    {
        var options = first.Clone();
        options.UserIds.Clear();
        var topK = RequestFields.OrDefault(first.TopK, RequestFields.DefaultTopK);
        var streams = await shards.TryAll((owner, snapshotId, call) => OwnerStream.Open(
            new Recommender.RecommenderClient(owner).BatchRecommend(call),
            new BatchRecommendRequest(options) { SnapshotId = snapshotId },
            shards.Cancellation));
        var headers = streams.Select(one => one.Answer?.Header).OfType<BatchRecommendReply>().ToArray();
        if (headers.Length == 0)
        {
            throw streams[0].Missing!;
        }

        // Every shard has all products. A missing shard matters to its users alone.
        headers[0].EventsVersion = ShardVersions.Of(headers.Select(header => header.EventsVersion));
        return new ScatteredBatch(shards, streams, headers[0], topK, mostRows);
    }

    /// <summary>The rows of one message, as <see cref="BatchCall"/> answers it.</summary>
    /// <exception cref="Errors.FieldException">The message has too many users.</exception>
    /// <exception cref="MissingBucketsException">
    /// No owner of a user's bucket answered, or its stream broke off.
    /// </exception>
    public async IAsyncEnumerable<BatchRecommendReply> Answer(BatchRecommendRequest request, CallClock clock)
    {
        BatchMessages.Check(request, _topK, _mostRows);
        var messages = new BatchMessages(_header ?? new BatchRecommendReply());
        _header = null;
        foreach (var users in BatchMessages.Slices(request, _topK))
        {
            var shards = Array.ConvertAll(users, _shards.ShardOf);
            await Send(users, shards);
            foreach (var shard in shards)
            {
                if (messages.Add(await Next(shard), clock) is { } full)
                {
                    yield return full;
                }
            }
        }

        yield return messages.Last(clock);
    }

    /// <summary>Ends the streams when all rows were read.</summary>
    public Task Complete() => Task.WhenAll(_streams.Select(one => one.Stream?.Complete() ?? Task.CompletedTask));

    /// <summary>Ends the streams in any case; the owners need not compute the rest.</summary>
    public async ValueTask DisposeAsync() => await ShardSet.End(_streams.Select(one => one.Stream));

    // Every owner gets every slice, also an empty one: a stream on which nothing is sent is closed.
    private async Task Send(string[] users, int[] shards)
    {
        var messages = new BatchRecommendRequest[_streams.Length];
        for (var shard = 0; shard < messages.Length; shard++)
        {
            messages[shard] = new BatchRecommendRequest();
        }

        for (var i = 0; i < users.Length; i++)
        {
            messages[shards[i]].UserIds.Add(users[i]);
        }

        for (var shard = 0; shard < messages.Length; shard++)
        {
            if (_streams[shard].Missing is { } missing && messages[shard].UserIds.Count > 0)
            {
                throw missing;
            }
        }

        await Task.WhenAll(_streams.Select((one, shard) =>
            one.Stream is { } stream ? Send(stream, shard, messages[shard]) : Task.CompletedTask));
    }

    private async Task Send(OwnerStream stream, int shard, BatchRecommendRequest message)
    {
        try
        {
            await stream.Send(message);
        }
        catch (RpcException e) when (OwnerFault.IsLost(e))
        {
            throw Broken(shard, e);
        }
    }

    private async ValueTask<BatchRow> Next(int shard)
    {
        try
        {
            return await _streams[shard].Stream!.Next();
        }
        catch (RpcException e) when (OwnerFault.IsLost(e))
        {
            throw Broken(shard, e);
        }
    }

    private MissingBucketsException Broken(int shard, RpcException lost) => _shards.Broken(
        shard, lost, "Open another stream for the users without a row: it asks another owner, if there is one");
}
