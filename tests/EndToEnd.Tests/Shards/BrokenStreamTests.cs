using Engine.Protos.V1;
using Engine.Snapshots.Ids;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Shards;

/// <summary>Streams of an engine of three shards whose owners are killed in their middle.</summary>
public sealed class BrokenStreamTests
{
    [Fact]
    public async Task A_stream_whose_owner_is_killed_is_unavailable_and_says_what_to_do()
    {
        var content = RandomSnapshot.Content(seed: 6, users: 40_000);
        await using var whole = await RunningEngine.Start(content);
        using var engines = await ShardedEngines.Start(whole);
        using var channel = engines.Channel(0);
        var all = new Recommender.RecommenderClient(channel);
        string[] users =
        [
            .. Enumerable.Range(0, 3).Select(shard => content.UserIds.First(
                user => UserBuckets.Of(user) * 3 / 1024 == shard)),
        ];

        // Streams that have begun: two batches, of which one has all it asks for, and a list that is read slowly.
        using var batch = all.BatchRecommend();
        await Rows(batch, users);
        using var complete = all.BatchRecommend();
        await Rows(complete, users);
        using var ranked = all.RankUsers(new() { ProductId = "P3", TopK = 40_000, BlockSize = 100 });
        Assert.True(await ranked.ResponseStream.MoveNext(CancellationToken.None));
        engines.Kill(1);
        engines.Kill(3);

        IsBroken(
            await Assert.ThrowsAsync<RpcException>(() => Rows(batch, users)),
            "Open another stream for the users without a row");
        IsBroken(
            await Assert.ThrowsAsync<RpcException>(async () =>
            {
                await foreach (var _ in ranked.ResponseStream.ReadAllAsync())
                {
                }
            }),
            "Repeat the call");
        await complete.RequestStream.CompleteAsync();
        Assert.False(await complete.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.OK, complete.GetStatus().StatusCode);
    }

    private static void IsBroken(RpcException broken, string next)
    {
        Assert.Equal(StatusCode.Unavailable, broken.StatusCode);
        Assert.StartsWith(
            "buckets 341-681 are missing: the stream of their owner broke off", broken.Status.Detail,
            StringComparison.Ordinal);
        Assert.Contains(next, broken.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task Rows(
        AsyncDuplexStreamingCall<BatchRecommendRequest, BatchRecommendReply> batch, string[] users)
    {
        await batch.RequestStream.WriteAsync(new() { UserIds = { users } });
        for (var rows = 0; rows < users.Length; rows += batch.ResponseStream.Current.Rows.Count)
        {
            Assert.True(await batch.ResponseStream.MoveNext(CancellationToken.None));
        }
    }
}
