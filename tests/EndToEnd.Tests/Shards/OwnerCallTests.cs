using System.Globalization;
using System.Text;
using Engine.Protos.V1;
using Engine.Server.Admission;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Snapshots;
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

    private readonly RunningEngine[] _owners = new RunningEngine[3];
    private RunningEngine _front = null!;
    private IReadOnlyList<string> _users = [];

    public async Task InitializeAsync()
    {
        var content = RandomSnapshot.Content(seed: 6, users: 600);
        _users = content.UserIds;
        using var folder = new TemporaryFolder();
        var file = folder.File("whole.snapshot");
        Engine.Snapshots.Writing.SnapshotWriter.Write(file, content);
        using var whole = Snapshot.OpenVerified(file);
        var shards = new SnapshotShards(whole, 3);
        for (var shard = 0; shard < 3; shard++)
        {
            _owners[shard] = await Start(shards, shard, options =>
                (options.Limits.OpenStreams, options.Limits.ReadSeconds) = (1, shard == 2 ? PatienceOfLast : 60));
        }

        string[] buckets = ["0-340", "341-681", "682-1023"];
        var owners = folder.Write("owners.json", $$"""
            {"engines": [{{string.Join(',', _owners.Select((owner, shard) =>
                $$"""{"address": "{{owner.GrpcAddress}}", "buckets": "{{buckets[shard]}}"}"""))}}]}
            """);
        _front = await Start(shards, 0, options => (options.Owners, options.Limits.HeavyCalls) = (owners, 4));
    }

    public async Task DisposeAsync()
    {
        await _front.DisposeAsync();
        foreach (var owner in _owners)
        {
            await owner.DisposeAsync();
        }
    }

    [Fact]
    public async Task Owners_keep_no_stream_of_a_batch_that_another_owner_refuses()
    {
        // The second owner has no room for another stream.
        using var held = await Open(_owners[1]);
        var refused = await Assert.ThrowsAsync<RpcException>(() => Open(_front));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                using var free = await Open(_owners[0]);
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
        var heavy = _front.Parts.GetRequiredService<HeavyWork>();
        using var full = new Disposables();
        while (heavy.Calls < 4)
        {
            full.Add(heavy.Enter());
        }

        Assert.Throws<ExhaustedException>(heavy.Enter);
        var user = _users.First(one => UserBuckets.Of(one) > 682);
        Assert.NotEmpty((await _front.Recommender.RecommendAsync(new() { UserId = user })).Products);
    }

    [Fact]
    public async Task An_export_that_is_read_slowly_lets_no_owner_wait()
    {
        // Of some megabytes: what does not fit into the buffers on the way must be read.
        string[] ids =
        [
            .. Enumerable.Range(0, 60_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i:D200}"))
                .Where(id => UserBuckets.Of(id) > 340).Append(_users[0]).Append(_users[1]),
        ];
        var audience = await _front.Catalog.SaveAudienceAsync(new() { Name = "many", UserIds = { ids } });
        Assert.Equal(ids.Length, audience.UserCount);
        using var export = _front.Catalog.ExportAudience(new() { Name = "many" });
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

    private static async Task<RunningEngine> Start(SnapshotShards shards, int shard, Action<ServerOptions> configure)
    {
        var engine = await RunningEngine.StartEmpty(configure: configure);
        await engine.PublishAndWait(path => shards.Write(path, shard));
        return engine;
    }

    private sealed class Disposables : List<IDisposable>, IDisposable
    {
        public void Dispose() => ForEach(one => one.Dispose());
    }
}
