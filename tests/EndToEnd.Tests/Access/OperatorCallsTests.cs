using Engine.Protos.V1;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>What operators see over the contract: keys, changes, traffic.</summary>
public sealed class OperatorCallsTests
{
    [Fact]
    public async Task Keys_are_listed_with_their_last_use_and_without_their_secrets()
    {
        var (admin, read, local) = ("", "", "");
        await using var engine = await RunningEngine.StartEmpty(configure: Keys.With(root =>
        {
            admin = Keys.Add(root, "admin", ["admin"], ["*"]);
            read = Keys.Add(root, "shop", ["read"], ["*"], DateTimeOffset.UnixEpoch.AddYears(200));
            local = Keys.Add(root, "local", ["admin", "read"]);
        }));
        var client = new Admin.AdminClient(engine.Channel);
        var found = await client.ListKeysAsync(new ListKeysRequest(), Of(admin));
        Assert.True(found.Required);
        Assert.Equal(["admin", "local", "shop"], found.Keys.Select(key => key.Name));
        Assert.Equal([true, false, false], found.Keys.Select(key => key.LastUseTime is not null));
        Assert.Equal([false, false, true], found.Keys.Select(key => key.ExpireTime is not null));
        Assert.All([admin, read, local], key => Assert.DoesNotContain(
            key[(key.LastIndexOf('_') + 1)..], found.ToString(), StringComparison.Ordinal));

        // The lists are about all workspaces.
        foreach (var call in new Func<string, Task>[]
        {
            key => client.ListKeysAsync(new ListKeysRequest(), Of(key)).ResponseAsync,
            key => client.ListAuditAsync(new ListAuditRequest(), Of(key)).ResponseAsync,
        })
        {
            foreach (var key in new[] { read, local })
            {
                var refused = await Assert.ThrowsAsync<RpcException>(() => call(key));
                Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
            }
        }

        var after = await client.ListKeysAsync(new ListKeysRequest(), Of(admin));
        Assert.All(after.Keys, key => Assert.NotNull(key.LastUseTime));
        // The refused calls are counted, too.
        var traffic = await client.DescribeTrafficAsync(new DescribeTrafficRequest { Minutes = 60 }, Of(read));
        var keys = traffic.Calls.Single(call => call.Call == "/engine.v1.Admin/ListKeys");
        Assert.Equal((4, 4), (keys.Calls, keys.MinuteCalls.Sum()));
        Assert.Equal(
            [("OK", 2), ("PermissionDenied", 2)], keys.Statuses.Select(one => (one.Status, (int)one.Calls)));
        Assert.True(keys.P50Micros > 0 && keys.P50Micros <= keys.P99Micros);

        using var json = new HttpRequestMessage(HttpMethod.Get, "/v1/keys");
        json.Headers.Add("authorization", $"Bearer {admin}");
        using var answer = await engine.Http.SendAsync(json);
        Assert.Contains("\"lastUseTime\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_listed_by_pages_newest_first()
    {
        await using var engine = await RunningEngine.Start();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = name, ProductIds = { "P1" } });
        }

        var client = new Admin.AdminClient(engine.Channel);
        var first = await client.ListAuditAsync(new ListAuditRequest { PageSize = 2 });
        Assert.Equal(["pool c", "pool b"], first.Changes.Select(change => change.Object));
        Assert.All(first.Changes, change => Assert.Equal(("OK", "absent"), (change.Result, change.Before)));
        var second = await client.ListAuditAsync(
            new ListAuditRequest { PageSize = 2, PageToken = first.NextPageToken });
        Assert.Equal(["pool a"], second.Changes.Select(change => change.Object));
        Assert.Equal("", second.NextPageToken);
        var wrong = await Assert.ThrowsAsync<RpcException>(
            () => client.ListAuditAsync(new ListAuditRequest { PageToken = "x" }).ResponseAsync);
        Assert.Equal(StatusCode.InvalidArgument, wrong.StatusCode);
    }

    private static Metadata Of(string key) => new() { { "authorization", $"Bearer {key}" } };
}
