using Engine.Protos.V1;
using Grpc.Core;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>
/// Large questions to a client with its default limits: replies stay below 4 MiB, or the limit is named.
/// </summary>
public sealed class ReplySizeTests
{
    [Fact]
    public async System.Threading.Tasks.Task A_batch_message_is_answered_in_parts_below_the_limit()
    {
        var content = RandomSnapshot.Content(seed: 1, users: 1_000, products: 150);
        await using var engine = await RunningEngine.Start(content);
        var users =
            Enumerable.Range(0, 6_000).Select(i => i % 7 == 0 ? $"nobody-{i}" : content.UserIds[i % 1_000]).ToArray();
        using var call = engine.Recommender.BatchRecommend();
        await call.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { users }, TopK = 150 });
        await call.RequestStream.CompleteAsync();
        var replies = new List<BatchRecommendReply>();
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            replies.Add(reply);
        }

        Assert.True(replies.Count > 1);
        Assert.All(replies, reply => Assert.InRange(reply.CalculateSize(), 1, 4 << 20));
        Assert.Equal(
            [true, .. Enumerable.Repeat(false, replies.Count - 1)],
            replies.Select(reply => reply.SnapshotId.Length > 0));
        var rows = replies.SelectMany(reply => reply.Rows).ToArray();
        Assert.Equal(users, rows.Select(row => row.UserId));
        Assert.Equal(rows[1], rows[1_001 + 1_000]);
        var single =
            await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = users[5_998], TopK = 150 });
        Assert.Equal(
            single.Products.Select(product => (product.ProductId, product.Score)),
            rows[5_998].ProductIds.Zip(rows[5_998].Scores));
    }

    [Fact]
    public async System.Threading.Tasks.Task Scores_beyond_the_limit_are_refused_by_name_and_at_the_limit_arrive()
    {
        var content = RandomSnapshot.Content(seed: 1, users: 1_000, products: 150);
        await using var engine = await RunningEngine.Start(content);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await engine.Recommender.ScoreAsync(
            new ScoreRequest { UserIds = { content.UserIds }, ProductIds = { content.ProductIds } }));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("1000 users x 150 products = 150000 pairs", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("4194304 bytes (4 MiB)", error.Status.Detail, StringComparison.Ordinal);
        var part = await engine.Recommender.ScoreAsync(
            new ScoreRequest { UserIds = { content.UserIds.Take(500) }, ProductIds = { content.ProductIds } });
        Assert.Equal(75_000, part.Pairs.Count);
        Assert.InRange(part.CalculateSize(), 1, 4 << 20);
    }
}
