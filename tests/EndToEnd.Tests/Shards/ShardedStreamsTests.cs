using System.Text;
using Engine.Protos.V1;
using Engine.Snapshots.Ids;
using Google.Protobuf;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Shards;

/// <summary>BatchRecommend and Events.Put of an engine of three shards, against an engine that serves the whole.</summary>
public sealed class ShardedStreamsTests
{
    [Fact]
    public async Task A_batch_is_split_by_owner_and_merged_in_the_order_of_its_users()
    {
        var content = RandomSnapshot.Content(seed: 6, users: 600, products: 2_000);
        await using var whole = await RunningEngine.Start(content);
        using var engines = await ShardedEngines.Start(whole);
        using var channel = engines.Channel(0);
        var (one, all) = (whole.Recommender, new Recommender.RecommenderClient(channel));

        // Some messages: users of all shards twice, nobody, unknown ones, one shard alone. Slices have 66 users, and
        // the rows of the first message do not fit one reply.
        string[][] messages =
        [
            [.. content.UserIds, "nobody", .. content.UserIds.Reverse()],
            [],
            ["nobody", "no user either", "nobody at all"],
            [.. content.UserIds.Where(user => UserBuckets.Of(user) is >= 682)],
        ];
        var options = new BatchRecommendRequest
        {
            TopK = 1_500,
            Purchased = PurchasedPolicy.Exclude,
            ExcludeProductIds = { "P5", "no product" },
        };
        var expected = await Answers(one, options, messages);
        Assert.True(expected[0].Count > 1);
        Assert.Equal(expected.Select(Whole), (await Answers(all, options, messages)).Select(Whole));

        // The header comes before there are users, too.
        Assert.Equal(
            Assert.Single(await Answers(one, options, [[]])).Select(Timeless),
            Assert.Single(await Answers(all, options, [[]])).Select(Timeless));

        // An owner refuses the options; this engine refuses a message that is too large.
        foreach (var wrong in (BatchRecommendRequest[])[new() { TopK = 10_001 }, new() { EventsVersion = 7 }])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => Answers(all, wrong, [["nobody"]]));
            var alone = await Assert.ThrowsAsync<RpcException>(() => Answers(one, wrong, [["nobody"]]));
            Assert.Equal(
                (StatusCode.InvalidArgument, alone.Status.Detail), (refused.StatusCode, refused.Status.Detail));
        }

        string[] many = [.. Enumerable.Repeat("nobody", 100_001)];
        Assert.Equal(
            StatusCode.InvalidArgument,
            (await Assert.ThrowsAsync<RpcException>(() => Answers(all, new(), [many]))).StatusCode);

        engines.Kill(1);
        Assert.Equal(expected.Select(Whole), (await Answers(all, options, messages)).Select(Whole));

        engines.Kill(3);
        var missing = await Assert.ThrowsAsync<RpcException>(() => Answers(all, options, messages));
        Assert.Equal(StatusCode.Unavailable, missing.StatusCode);
        Assert.Contains("buckets 341-681 are missing", missing.Status.Detail, StringComparison.Ordinal);

        // Who has an owner is answered.
        string[][] others = [[.. content.UserIds.Where(user => UserBuckets.Of(user) is < 341 or > 681)]];
        Assert.Equal(
            (await Answers(one, options, others)).Select(Whole), (await Answers(all, options, others)).Select(Whole));
    }

    [Fact]
    public async Task Every_owner_has_the_events_that_any_engine_acknowledged()
    {
        var content = RandomSnapshot.Content(seed: 6, users: 600);
        await using var whole = await RunningEngine.Start(content);
        using var engines = await ShardedEngines.Start(whole);
        using var channel = engines.Channel(0);
        var (one, all) = (new Engine.Protos.V1.Events.EventsClient(whole.Channel),
            new Engine.Protos.V1.Events.EventsClient(channel));
        var users = content.UserIds.Take(30).Append("a new user").ToArray();
        var request = new PutEventsRequest { BatchId = "till-7/1" };
        request.Events.AddRange(users.Select((user, i) => Row(user, $"P{i % 7}")));
        request.Events.Insert(4, Row(users[9], "no product"));
        request.Events.Insert(20, Row("", "P1"));

        request.ValidateOnly = true;
        Assert.Equal(Timeless(await one.PutAsync(request)), Timeless(await all.PutAsync(request)));
        request.ValidateOnly = false;
        var (expected, put) = (Timeless(await one.PutAsync(request)), Timeless(await all.PutAsync(request)));
        Assert.Equal((31, -1L, false), (put.AcceptedCount, put.EventsVersion, put.Repeated));
        Assert.Equal((4, "events[4].product_id"), (put.Refused[0].Row, put.Refused[0].Field));
        Assert.Equal((20, "events[20].user_id"), (put.Refused[1].Row, put.Refused[1].Field));
        put.EventsVersion = expected.EventsVersion;
        Assert.Equal(expected, put);
        Assert.True((await all.PutAsync(request)).Repeated);

        // The same over HTTP.
        using var http = new HttpClient { BaseAddress = engines.Http(2) };
        using var body = new StringContent(JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/v1/events", body);
        var again = PutEventsReply.Parser.ParseJson(await answer.Content.ReadAsStringAsync());
        Assert.Equal((31, true), (again.AcceptedCount, again.Repeated));

        // Each owner alone knows them, and so does a batch of any engine.
        foreach (var engine in (int[])[0, 1, 2, 3])
        {
            using var owner = engines.Channel(engine);
            foreach (var user in users.Where(user => ShardOf(user) == (engine == 3 ? 1 : engine)))
            {
                var ask = new RecommendRequest { UserId = user, TopK = 30 };
                var reply = await new Recommender.RecommenderClient(owner).RecommendAsync(ask);
                Assert.Equal((await whole.Recommender.RecommendAsync(ask)).Products, reply.Products);
                Assert.True(reply.EventCount > 0);
            }
        }

        using var third = engines.Channel(2);
        string[][] messages = [users];
        var found = await Answers(new(third), new(), messages);
        var rows = await Answers(whole.Recommender, new(), messages);
        Assert.Equal(-1, found[0][0].EventsVersion);
        Assert.Equal(rows[0].SelectMany(reply => reply.Rows), found[0].SelectMany(reply => reply.Rows));

        // One of two owners is dead: nothing is acknowledged, and nothing is written.
        engines.Kill(3);
        var lost = new PutEventsRequest { BatchId = "till-7/2" };
        lost.Events.AddRange(users.Select(user => Row(user, "P9")));
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await all.PutAsync(lost));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("buckets 341-681 are missing", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("Nothing was written", refused.Status.Detail, StringComparison.Ordinal);
        foreach (var user in users)
        {
            var ask = new RecommendRequest { UserId = user, TopK = 30 };
            Assert.Equal(
                (await whole.Recommender.RecommendAsync(ask)).Products,
                (await new Recommender.RecommenderClient(channel).RecommendAsync(ask)).Products);
        }

        // Users whose owners all live can have events, and the rest when the owner is back.
        Assert.Equal(1, (await all.PutAsync(new() { Events = { Row(users.First(user => ShardOf(user) == 2), "P3") } }))
            .AcceptedCount);
        await engines.Restart(3);
        Assert.Equal(users.Length, (await UntilReconnected(() => all.PutAsync(lost).ResponseAsync)).AcceptedCount);
    }

    [Fact]
    public async Task An_owner_that_falls_silent_is_missing_within_seconds()
    {
        var content = RandomSnapshot.Content(seed: 6, users: 600);
        await using var whole = await RunningEngine.Start(content);
        using var engines = await ShardedEngines.Start(whole);
        using var channel = engines.Channel(0);
        var all = new Recommender.RecommenderClient(channel);
        var events = new Engine.Protos.V1.Events.EventsClient(channel);
        string[][] messages = [[.. content.UserIds]];
        var expected = (await Answers(all, new(), messages)).Select(Whole);
        var users = Enumerable.Range(0, 3)
            .Select(shard => content.UserIds.First(user => ShardOf(user) == shard)).ToArray();
        await events.PutAsync(new() { ValidateOnly = true, Events = { users.Select(user => Row(user, "P1")) } });

        // Another owner has its buckets.
        await engines.Freeze(1);
        for (var call = 0; call < 4; call++)
        {
            await all.RecommendAsync(new RecommendRequest { UserId = users[1] }, deadline: Soon);
        }

        Assert.Equal(expected, (await Answers(all, new(), messages)).Select(Whole));

        // No other has.
        await engines.Freeze(2);
        await IsMissing(async () => await all.RecommendAsync(
            new RecommendRequest { UserId = users[2] }, deadline: Soon));
        await IsMissing(() => Answers(all, new(), messages));
        await IsMissing(async () => await events.PutAsync(new() { Events = { Row(users[2], "P1") } }, deadline: Soon));

        static async Task IsMissing(Func<Task> call)
        {
            var missing = await Assert.ThrowsAsync<RpcException>(call);
            Assert.Equal(StatusCode.Unavailable, missing.StatusCode);
            Assert.Contains("buckets 682-1023 are missing", missing.Status.Detail, StringComparison.Ordinal);
        }
    }

    // An engine tries a lost owner again at least once a second.
    private static async Task<PutEventsReply> UntilReconnected(Func<Task<PutEventsReply>> call)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && attempt < 120)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500));
            }
        }
    }

    private static DateTime Soon => TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(2);

    private static int ShardOf(string user) => UserBuckets.Of(user) switch { <= 340 => 0, <= 681 => 1, _ => 2 };

    private static Event Row(string user, string product) => new()
    {
        UserId = user,
        ProductId = product,
        Type = EventType.Purchase,
        Time = "2021-08-02T09:00:00",
    };

    // The replies to each message.
    private static async Task<List<BatchRecommendReply>[]> Answers(
        Recommender.RecommenderClient engine, BatchRecommendRequest options, string[][] messages)
    {
        using var call = engine.BatchRecommend(deadline: Soon);
        var answers = new List<List<BatchRecommendReply>>();
        foreach (var users in messages)
        {
            var message = answers.Count == 0 ? options.Clone() : new BatchRecommendRequest();
            message.UserIds.AddRange(users);
            await call.RequestStream.WriteAsync(message);
            var (replies, rows) = (new List<BatchRecommendReply>(), 0);
            do
            {
                Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
                replies.Add(call.ResponseStream.Current);
                rows += replies[^1].Rows.Count;
            }
            while (rows < users.Length);
            Assert.Equal(users, replies.SelectMany(reply => reply.Rows).Select(row => row.UserId));
            answers.Add(replies);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
        return [.. answers];
    }

    // The replies as one: where they were cut is not compared.
    private static BatchRecommendReply Whole(List<BatchRecommendReply> replies)
    {
        var whole = new BatchRecommendReply();
        replies.ForEach(whole.MergeFrom);
        return Timeless(whole);
    }

    private static BatchRecommendReply Timeless(BatchRecommendReply reply)
    {
        reply.ServerMicros = 0;
        return reply;
    }

    private static PutEventsReply Timeless(PutEventsReply reply)
    {
        reply.ServerMicros = 0;
        return reply;
    }
}
