using System.Globalization;
using System.Text;
using Engine.Protos.V1;
using Engine.Server.Workspaces;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Events;

/// <summary>Events over gRPC and HTTP: their effect on every call, versions, tasks, forgetting, swaps.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task A_new_user_is_known_after_the_reply_and_a_refund_takes_the_purchase_back()
    {
        await using var engine = await RunningEngine.Start();
        var events = new Engine.Protos.V1.Events.EventsClient(engine.Channel);
        var ask = new RecommendRequest { UserId = "new", TopK = 30, Purchased = PurchasedPolicy.Only };
        Assert.Equal(
            StatusCode.NotFound,
            (await Assert.ThrowsAsync<RpcException>(
                async () => await engine.Recommender.RecommendAsync(ask))).StatusCode);
        var put = await events.PutAsync(Batch(Row("new", "P3", EventType.Purchase), Row("new", "P4", EventType.View)));
        Assert.Equal((2, 0, 2), ((int)put.AcceptedCount, put.Refused.Count, (int)put.EventsVersion));
        var bought = await engine.Recommender.RecommendAsync(ask);
        Assert.Equal("P3", Assert.Single(bought.Products).ProductId);
        Assert.Equal((2, 2, Source.User), ((int)bought.EventsVersion, bought.EventCount, bought.Source));

        await events.PutAsync(Batch(Row("new", "P3", EventType.Refund, "2021-08-03T10:00:00")));
        Assert.Empty((await engine.Recommender.RecommendAsync(ask)).Products);
        ask.EventsVersion = 2;
        Assert.Equal(bought.Products, (await engine.Recommender.RecommendAsync(ask)).Products);
        ask.EventsVersion = 4;
        var missing = await Assert.ThrowsAsync<RpcException>(async () => await engine.Recommender.RecommendAsync(ask));
        Assert.Equal(StatusCode.InvalidArgument, missing.StatusCode);
        Assert.Contains("expected 0..3", missing.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_call_gives_the_same_number_and_those_that_do_not_know_events_say_so_by_version_0()
    {
        await using var engine = await RunningEngine.Start();
        var before = await Products(engine, "user-1é", null);
        await Put(engine, Row("user-1é", "P5", EventType.Purchase), Row("user-1é", "P6", EventType.Cart));
        var after = await Products(engine, "user-1é", null);
        Assert.NotEqual(before, after);
        Assert.Equal(before, await Products(engine, "user-1é", 0));

        using var content = new StringContent(
            """{"user_id":"user-1é","top_k":30}""", Encoding.UTF8, "application/json");
        using var answer = await engine.Http.PostAsync("/v1/recommend", content);
        var json = RecommendReply.Parser.ParseJson(await answer.Content.ReadAsStringAsync());
        Assert.Equal((after, 2L), (Text(json.Products.Select(row => (row.ProductId, row.Score))), json.EventsVersion));

        var score = await engine.Recommender.ScoreAsync(new ScoreRequest
        {
            UserIds = { "user-1é", "user-2é" },
            ProductIds = { json.Products.Select(row => row.ProductId) },
        });
        Assert.Equal(after, Text(score.Pairs.Take(30).Select(pair => (pair.ProductId, pair.Score))));
        var explained = await engine.Recommender.ExplainAsync(
            new ExplainRequest { UserId = "user-1é", ProductId = json.Products[0].ProductId });
        Assert.Equal((json.Products[0].Score, 2, 2L), (explained.Score, explained.EventCount, explained.EventsVersion));

        using var batch = engine.Recommender.BatchRecommend();
        await batch.RequestStream.WriteAsync(new BatchRecommendRequest { UserIds = { "user-1é" }, TopK = 30 });
        await batch.RequestStream.CompleteAsync();
        Assert.True(await batch.ResponseStream.MoveNext(CancellationToken.None));
        var row = batch.ResponseStream.Current.Rows[0];
        Assert.Equal(after, Text(row.ProductIds.Zip(row.Scores)));

        // In reverse: the snapshot alone.
        var ranked = engine.Recommender.RankUsers(
            new RankUsersRequest { ProductId = json.Products[0].ProductId, TopK = 40 });
        Assert.True(await ranked.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Contains(
            $"{json.Products[0].ProductId} " + Bits(
                ranked.ResponseStream.Current.Users.Single(user => user.UserId == "user-1é").Score),
            before,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_reason_of_a_score_counts_what_the_user_did_since_the_training()
    {
        await using var engine = await RunningEngine.Start();
        await Put(
            engine,
            Row("new", "P5", EventType.Purchase),
            Row("new", "P5", EventType.Purchase, "2021-08-09T10:00:00"),
            Row("new", "P5", EventType.Purchase, "2021-08-11T10:00:00"),
            Row("new", "P5", EventType.Refund, "2021-08-12T10:00:00"));
        await Put(engine, Row("user-1é", "P5", EventType.Purchase, "2021-08-11T10:00:00"));
        Assert.StartsWith("because the user bought Product number 5 茶 2 times, last on 2021-08-09", await Reason("new"));
        Assert.EndsWith("last on 2021-08-11", await Reason("user-1é"));

        async Task<string> Reason(string user) =>
            (await engine.Recommender.ExplainAsync(new ExplainRequest { UserId = user, ProductId = "P5" })).Reason;
    }

    [Fact]
    public async Task A_task_freezes_the_version_and_its_rows_can_be_asked_again()
    {
        await using var engine = await RunningEngine.Start();
        var without = await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 30 });
        await Put(engine, Row("user-1é", "P5", EventType.Purchase));
        var task = await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 30 });
        Assert.Equal(1, task.EventsVersion);
        var expected = await Products(engine, "user-1é", 1);
        await Put(engine, Row("user-1é", "P7", EventType.Purchase));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (task.State is TaskState.Queued or TaskState.Running)
        {
            await Task.Delay(20, limit.Token);
            task = await engine.Tasks.GetAsync(new GetTaskRequest { TaskId = task.TaskId });
        }

        Assert.Equal(TaskState.Succeeded, task.State);
        var csv = await engine.Http.GetStringAsync($"/v1/tasks/{task.TaskId}/download?format=csv");
        var rows = csv.Split('\n').Skip(1).Select(line => line.Trim().Split(','))
            .Where(cells => cells[0] == "user-1é").ToArray();
        Assert.Equal(30, rows.Length);
        var (item, score) = Columns(csv);
        Assert.Equal(
            expected,
            Text(rows.Select(cells => (cells[item], float.Parse(cells[score], CultureInfo.InvariantCulture)))));
        Assert.NotEqual(expected, await Products(engine, "user-1é", null));
        Assert.Equal(expected, await Again(task));
        Assert.Equal(await Products(engine, "user-1é", 0), await Again(without));

        async Task<string> Again(Engine.Protos.V1.Task of)
        {
            await TaskCalls.Ended(engine, of.TaskId);
            var page = await engine.Tasks.ResultsAsync(new TaskResultsRequest { TaskId = of.TaskId });
            var request = new RecommendRequest(page.AskAgain) { UserId = "user-1é" };
            return Text((await engine.Recommender.RecommendAsync(request)).Products
                .Select(row => (row.ProductId, row.Score)));
        }
    }

    [Fact]
    public async Task A_forgotten_person_is_unknown_and_takes_part_no_more()
    {
        await using var engine = await RunningEngine.Start();
        await Put(engine, Row("secret", "P5", EventType.Purchase), Row("other", "P5", EventType.Purchase));
        var forgotten = await new Admin.AdminClient(engine.Channel).ForgetUserAsync(
            new ForgetUserRequest { UserId = "secret" });
        Assert.Equal(1, forgotten.EventCount);
        await Assert.ThrowsAsync<RpcException>(async () => await Products(engine, "secret", null));
        Assert.NotEmpty(await Products(engine, "other", null));
        var refused = await new Engine.Protos.V1.Events.EventsClient(engine.Channel).PutAsync(
            Batch(Row("secret", "P5", EventType.View)));
        Assert.Equal("events[0].user_id", Assert.Single(refused.Refused).Field);
        Assert.All(
            System.IO.Directory.GetFiles(Path.Combine(engine.Root, "default", "events"), "*.events"),
            path => Assert.Equal(-1, ReadShared(path).AsSpan().IndexOf("secret"u8)));
    }

    [Fact]
    public async Task A_snapshot_that_holds_the_events_answers_without_them_and_the_rest_is_folded()
    {
        await using var engine = await RunningEngine.Start();
        await Put(
            engine,
            Row("user-1é", "P5", EventType.Purchase, "2021-08-02T10:00:00"),
            Row("user-1é", "P6", EventType.Purchase, "2021-08-04T10:00:00"));
        var content = RandomSnapshot.Content(seed: 1);
        await engine.PublishAndWait(content with
        {
            Manifest = content.Manifest with
            {
                Scope = content.Manifest.Scope with
                {
                    LastBehaviorTime = "2021-08-03T00:00:00",
                    ScopeStart = "2020-08-03",
                },
            },
        });
        var reply = await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
        Assert.Equal((1, 2L), (reply.EventCount, reply.EventsVersion));
    }

    [Fact]
    public async Task Thousands_of_malformed_rows_are_each_refused_with_their_field_and_nothing_is_lost()
    {
        await using var engine = await RunningEngine.Start();
        var events = new Engine.Protos.V1.Events.EventsClient(engine.Channel);
        var random = new Random(7);
        var accepted = 0L;
        for (var call = 0; call < 60; call++)
        {
            var expected = new Dictionary<int, string>();
            var request = new PutEventsRequest { BatchId = call % 3 == 0 ? "" : $"call {call}" };
            for (var row = 0; row < 250; row++)
            {
                var one = Row($"u{random.Next(500)}", $"P{random.Next(30)}", (EventType)random.Next(1, 6));
                if (Spoil(one, random) is { } field)
                {
                    expected.Add(row, $"events[{row}].{field}");
                }

                request.Events.Add(one);
            }

            PutEventsReply reply;
            if (call % 2 == 0)
            {
                reply = await events.PutAsync(request);
            }
            else
            {
                using var content = new StringContent(
                    JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json");
                using var answer = await engine.Http.PostAsync("/v1/events", content);
                var text = await answer.Content.ReadAsStringAsync();
                Assert.True(answer.IsSuccessStatusCode, text);
                reply = PutEventsReply.Parser.ParseJson(text);
            }

            Assert.Equal(expected, reply.Refused.ToDictionary(one => one.Row, one => one.Field));
            Assert.All(reply.Refused, one => Assert.NotEmpty(one.Reason));
            accepted += reply.AcceptedCount;
            Assert.Equal((250 - expected.Count, accepted), ((int)reply.AcceptedCount, reply.EventsVersion));
        }

        var store = engine.Parts.GetRequiredService<WorkspaceRegistry>().Get("").Catalog.Events;
        Assert.Equal(accepted, store.Events!.Count);
        foreach (var (body, field) in ((string, string)[])[
            ("{}", "events"),
            ("""{"events": 3}""", "events"),
            ("""{"events": [{"type": "bought"}]}""", "events[0].type"),
            ("""{"events": [{"user": "u"}]}""", "events[0].user"),
            ("""{"events": [{"count": 1.5}]}""", "events[0].count"),
            ("{\"events\": [{}], \"batch_id\": \"" + new string('x', 201) + "\"}", "batch_id"),
        ])
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await engine.Http.PostAsync("/v1/events", content);
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(field, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(accepted, store.View().Version);
    }

    [Fact]
    public async Task A_repeated_batch_gets_the_first_reply_though_its_rows_would_be_refused_now()
    {
        await using var engine = await RunningEngine.Start();
        var events = new Engine.Protos.V1.Events.EventsClient(engine.Channel);
        var many = new PutEventsRequest { BatchId = "many", Events = { Row("busy", "P3", EventType.Unspecified) } };
        many.Events.AddRange(Enumerable.Range(0, 4_090).Select(_ => Row("busy", "P3", EventType.View)));
        var few = Batch([.. Enumerable.Range(0, 10).Select(_ => Row("busy", "P4", EventType.View))]);
        few.BatchId = "few";
        var (first, second) = (await events.PutAsync(many), await events.PutAsync(few));
        Assert.Equal((4_090, 4_090, 1), (first.AcceptedCount, first.EventsVersion, first.Refused.Count));
        Assert.Equal((6, 4_096, 4), (second.AcceptedCount, second.EventsVersion, second.Refused.Count));

        // The user has no room at all now.
        foreach (var check in (bool[])[false, true])
        {
            (many.ValidateOnly, few.ValidateOnly) = (check, check);
            var again = await events.PutAsync(many);
            Assert.Equal((true, 4_090, 4_090), (again.Repeated, again.AcceptedCount, again.EventsVersion));
            Assert.Equal(first.Refused, again.Refused);
            again = await events.PutAsync(few);
            Assert.Equal((true, 6, 4_096, 0),
                (again.Repeated, again.AcceptedCount, again.EventsVersion, again.Refused.Count));
        }

        few.Events[0].ProductId = "P5";
        var other = await Assert.ThrowsAsync<RpcException>(async () => await events.PutAsync(few));
        Assert.Contains("batch_id 'few' with other rows", other.Status.Detail, StringComparison.Ordinal);
    }

    // Makes a row wrong in one field, most of the time; returns the field.
    private static string? Spoil(Event one, Random random)
    {
        string[] times =
        [
            "", "yesterday", "2021-13-01T00:00:00", "2021-08-02", "2021-08-02T10:00:00Z", "2021-08-02 10:00:00",
            "9999-12-31T23:59:59", "1969-12-31T23:59:59", "2021-08-02T10:00:00.1234", "\0", new string('9', 5_000),
        ];
        switch (random.Next(8))
        {
            case 0:
                one.UserId = "";
                return "user_id";
            case 1:
                one.UserId = new string('é', 40_000);
                return "user_id";
            case 2:
                one.ProductId = random.Next(2) == 0 ? "" : $"no product {random.Next()}\n";
                return "product_id";
            case 3:
                one.Type = (EventType)(random.Next(2) == 0 ? 0 : 6 + random.Next(1_000));
                return "type";
            case 4:
                one.Time = times[random.Next(times.Length)];
                return "time";
            case 5:
                one.Count = random.Next(2) == 0 ? -random.Next(1, int.MaxValue) : 16_384 + random.Next(1_000_000);
                return "count";
            default:
                return null;
        }
    }

    private static async Task Put(RunningEngine engine, params Event[] rows)
    {
        var reply = await new Engine.Protos.V1.Events.EventsClient(engine.Channel).PutAsync(Batch(rows));
        Assert.Equal(rows.Length, reply.AcceptedCount);
    }

    private static async Task<string> Products(RunningEngine engine, string user, long? version)
    {
        var request = new RecommendRequest { UserId = user, TopK = 30 };
        if (version is { } known)
        {
            request.EventsVersion = known;
        }

        var reply = await engine.Recommender.RecommendAsync(request);
        return Text(reply.Products.Select(row => (row.ProductId, row.Score)));
    }

    private static PutEventsRequest Batch(params Event[] rows) => new() { Events = { rows } };

    private static Event Row(string user, string product, EventType type, string time = "2021-08-02T09:00:00") =>
        new() { UserId = user, ProductId = product, Type = type, Time = time };

    private static string Text(IEnumerable<(string Product, float Score)> rows) =>
        string.Join(';', rows.Select(row => $"{row.Product} {Bits(row.Score)}"));

    private static string Bits(float score) =>
        BitConverter.SingleToInt32Bits(score).ToString("x8", CultureInfo.InvariantCulture);

    private static (int Item, int Score) Columns(string csv)
    {
        var header = csv.Split('\n')[0].Trim().Split(',');
        return (Array.IndexOf(header, "item_id"), Array.IndexOf(header, "score"));
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
