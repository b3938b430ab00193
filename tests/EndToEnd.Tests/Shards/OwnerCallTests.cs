using System.Globalization;
using System.Text;
using Engine.Protos.V1;
using Engine.Server.Admission;
using Engine.Server.Errors;
using Engine.Snapshots.Ids;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Shards;

/// <summary>What an engine that knows the owners of three shards asks of them.</summary>
public sealed class OwnerCallTests : IAsyncLifetime
{
    private const int PatienceOfLast = 2;

    private FrontAndOwners _engines = null!;

    public async Task InitializeAsync() => _engines = await FrontAndOwners.Start(
        RandomSnapshot.Content(seed: 6, users: 600),
        (shard, options) =>
            (options.Limits.OpenStreams, options.Limits.ReadSeconds) = (1, shard == 2 ? PatienceOfLast : 60),
        options => options.Limits.HeavyCalls = 4);

    public async Task DisposeAsync() => await _engines.DisposeAsync();

    [Fact]
    public async Task Owners_keep_no_stream_of_a_batch_that_another_owner_refuses()
    {
        // The second owner has no room for another stream.
        using var held = await Open(_engines.Owners[1]);
        var refused = await Assert.ThrowsAsync<RpcException>(() => Open(_engines.Front));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                using var free = await Open(_engines.Owners[0]);
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    [Fact]
    public async Task A_question_that_another_engine_answers_needs_no_turn_among_heavy_calls()
    {
        var heavy = _engines.Front.Parts.GetRequiredService<HeavyWork>();
        using var full = new Disposables();
        while (heavy.Calls < 4)
        {
            full.Add(heavy.Enter());
        }

        Assert.Throws<ExhaustedException>(heavy.Enter);
        var user = _engines.Users.First(one => UserBuckets.Of(one) > 682);
        Assert.NotEmpty((await _engines.Front.Recommender.RecommendAsync(new() { UserId = user })).Products);
    }

    [Fact]
    public async Task An_export_that_is_read_slowly_lets_no_owner_wait()
    {
        // Of some megabytes: what does not fit into the buffers on the way must be read.
        string[] ids =
        [
            .. Enumerable.Range(0, 60_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i:D200}"))
                .Where(id => UserBuckets.Of(id) > 340).Append(_engines.Users[0]).Append(_engines.Users[1]),
        ];
        var audience = await _engines.Front.Catalog.SaveAudienceAsync(new() { Name = "many", UserIds = { ids } });
        Assert.Equal(ids.Length, audience.UserCount);
        using var export = _engines.Front.Catalog.ExportAudience(new() { Name = "many" });
        var bytes = 0L;
        for (var slow = 1.5 * PatienceOfLast; await export.ResponseStream.MoveNext(CancellationToken.None); slow -= 0.2)
        {
            bytes += export.ResponseStream.Current.Data.Length;
            await Task.Delay(TimeSpan.FromSeconds(slow > 0 ? 0.2 : 0));
        }

        Assert.Equal("user_id\n".Length + ids.Sum(id => Encoding.UTF8.GetByteCount(id) + 1), bytes);
    }

    private static async Task<AsyncDuplexStreamingCall<BatchRecommendRequest, BatchRecommendReply>> Open(
        RunningEngine engine)
    {
        var call = engine.Recommender.BatchRecommend();
        try
        {
            try
            {
                await call.RequestStream.WriteAsync(new());
            }
            catch (IOException)
            {
                // It was refused before it was read. Reading gives the reason.
            }

            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private sealed class Disposables : List<IDisposable>, IDisposable
    {
        public void Dispose() => ForEach(one => one.Dispose());
    }
}
