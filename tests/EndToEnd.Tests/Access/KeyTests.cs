using Engine.Protos.V1;
using Engine.Server.Access;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>The life of a key: made, rotated, expired, revoked, while the engine runs.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task The_first_key_closes_a_running_engine_and_a_lost_file_opens_nothing()
    {
        await using var engine = await RunningEngine.Start();
        Assert.Equal(StatusCode.OK, await Recommend(engine, null));
        var key = Keys.Add(engine.Root, "shop", ["read"]);
        engine.Reload();
        Assert.Equal(StatusCode.Unauthenticated, await Recommend(engine, null));
        Assert.Equal(StatusCode.OK, await Recommend(engine, key));

        File.Delete(Keys.File(engine.Root).Path);
        engine.Reload();
        Assert.Equal(StatusCode.Unauthenticated, await Recommend(engine, null));
        Assert.Equal(StatusCode.Unauthenticated, await Recommend(engine, key));
    }

    [Fact]
    public async Task The_watcher_finds_a_revoked_key_by_itself()
    {
        var key = "";
        await using var engine =
            await RunningEngine.Start(configure: Keys.With(root => key = Keys.Add(root, "shop", ["read"])));
        Assert.Equal(StatusCode.OK, await Recommend(engine, key));
        Keys.File(engine.Root).Revoke("shop");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await Recommend(engine, key) != StatusCode.Unauthenticated)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    [Fact]
    public async Task A_revoked_key_ends_its_open_stream()
    {
        var key = "";
        await using var engine =
            await RunningEngine.Start(configure: Keys.With(root => key = Keys.Add(root, "shop", ["read"])));
        using var stream = engine.Recommender.BatchRecommend(Header(key));
        var request = new BatchRecommendRequest { UserIds = { "user-1é" }, TopK = 3 };
        await stream.RequestStream.WriteAsync(request);
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        Keys.File(engine.Root).Revoke("shop");
        engine.Reload();
        await stream.RequestStream.WriteAsync(request);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await stream.ResponseStream.MoveNext(CancellationToken.None))
            {
                // What was answered before the key was revoked.
            }
        });
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task Two_keys_of_a_name_are_valid_while_one_replaces_the_other()
    {
        var (first, second) = ("", "");
        await using var engine = await RunningEngine.Start(configure: Keys.With(root =>
        {
            first = Keys.Add(root, "shop", ["read"]);
            second = Keys.Add(root, "shop", ["read"]);
            Assert.Contains(
                "2 live keys",
                Assert.Throws<Engine.InputException>(() => Keys.Add(root, "shop", ["read"])).Message,
                StringComparison.Ordinal);
        }));
        Assert.Equal(StatusCode.OK, await Recommend(engine, first));
        Assert.Equal(StatusCode.OK, await Recommend(engine, second));
        Keys.File(engine.Root).Revoke(first.Split('_')[1]);
        engine.Reload();
        Assert.Equal(StatusCode.Unauthenticated, await Recommend(engine, first));
        Assert.Equal(StatusCode.OK, await Recommend(engine, second));
    }

    [Fact]
    public async Task A_key_that_has_expired_is_refused_and_a_changed_secret_too()
    {
        var (old, live) = ("", "");
        await using var engine = await RunningEngine.Start(configure: Keys.With(root =>
        {
            old = Keys.Add(root, "old", ["read"], expires: DateTimeOffset.UnixEpoch);
            live = Keys.Add(root, "live", ["read"]);
        }));
        Assert.Equal(StatusCode.Unauthenticated, await Recommend(engine, old));
        Assert.Equal(StatusCode.OK, await Recommend(engine, live));
        Assert.Equal(StatusCode.Unauthenticated, await Recommend(engine, live[..^1] + (live[^1] == 'A' ? 'B' : 'A')));
    }

    [Fact]
    public void The_file_holds_no_secret_and_only_its_owner_reads_it()
    {
        using var folder = new TemporaryFolder();
        var key = Keys.Add(folder.Path, "shop", ["read"]);
        var path = Keys.File(folder.Path).Path;
        Assert.True(ApiKey.TrySplit(key, out _, out var secret));
        Assert.DoesNotContain(secret.ToString(), File.ReadAllText(path), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public async Task A_damaged_file_leaves_the_keys_as_they_were()
    {
        var key = "";
        await using var engine =
            await RunningEngine.Start(configure: Keys.With(root => key = Keys.Add(root, "shop", ["read"])));
        await File.WriteAllTextAsync(Keys.File(engine.Root).Path, "{");
        engine.Reload();
        Assert.Equal(StatusCode.OK, await Recommend(engine, key));
        Assert.Equal(StatusCode.Unauthenticated, await Recommend(engine, null));
    }

    private static Metadata Header(string? key) =>
        key is null ? [] : new Metadata { { "authorization", $"Bearer {key}" } };

    private static async Task<StatusCode> Recommend(RunningEngine engine, string? key)
    {
        try
        {
            await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é", TopK = 3 }, Header(key));
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}
