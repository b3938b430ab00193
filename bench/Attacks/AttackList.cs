using Engine.Protos.V1;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Bench.Attacks;

/// <summary>One attack: what a single caller does to the engine, bounded in time.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Run">Does it; returns the status of each call.</param>
internal sealed record Attack(string Name, Func<CallInvoker, Task<IReadOnlyList<StatusCode>>> Run);

/// <summary>The attacks on work without bounds and without an owner.</summary>
internal static class AttackList
{
    private const int Patience = 30;

    /// <summary>All of them, against a model with these users and products.</summary>
    public static IReadOnlyList<Attack> Of(
        IReadOnlyList<string> users, IReadOnlyList<string> products, IReadOnlyList<string> snapshots) =>
    [
        new("one BatchRecommend message, 10,000 users x top 10,000", calls => One(() => Batch(calls, users))),
        new("31M empty ids in one message", calls => One(() => Recommender(calls).EstimateAudienceAsync(
            new EstimateAudienceRequest { ProductId = products[0], UserIds = { Enumerable.Repeat("", 31_000_000) } },
            Limit()).ResponseAsync)),
        new(
            "one rule of 1 MB",
            calls =>
                One(() =>
                    Catalog(calls).PreviewPoolAsync(
                        new PreviewPoolRequest { Rule = Rule(40_000) }, Limit()).ResponseAsync)),
        new(
            "40 rules, abandoned after 0.2 s",
            calls =>
                Many(
                    40,
                    _ =>
                        Catalog(calls).PreviewPoolAsync(
                            new PreviewPoolRequest { Rule = Rule(450) }, Limit(0.2)).ResponseAsync)),
        new(
            "16 RecommendForAudience, abandoned after 0.2 s",
            calls =>
                Many(
                    16,
                    _ =>
                        Recommender(calls).RecommendForAudienceAsync(
                            new RecommendForAudienceRequest { TopK = 1_000 }, Limit(0.2)).ResponseAsync)),
        new(
            "64 EstimateAudience at once",
            calls =>
                Many(
                    64,
                    i =>
                        Recommender(calls).EstimateAudienceAsync(
                            new EstimateAudienceRequest { ProductId = products[i % products.Count] },
                            Limit()).ResponseAsync)),
        new("40 Score of 50,000 pairs at once", calls => Many(40, _ => Recommender(calls).ScoreAsync(
            new ScoreRequest { UserIds = { users.Take(500) }, ProductIds = { products.Take(100) } },
            Limit()).ResponseAsync)),
        new("40 Activate "
            + "with validate_only at once", calls => Many(40, i => new Snapshots.SnapshotsClient(calls).ActivateAsync(
            new ActivateSnapshotRequest { SnapshotId = snapshots[^1], ValidateOnly = true }, Limit()).ResponseAsync)),
        new(
            "200 RankUsers streams that nobody reads, for 8 s",
            calls => Streams(calls, products, 200, TimeSpan.FromSeconds(8))),
        new("10,000 tasks in 10 s", Tasks),
        new(
            "500 messages that are no protobuf",
            calls => Many(500, _ => calls.AsyncUnaryCall(Raw, null, Limit(), [0x0A, 0x7F, 1]).ResponseAsync)),
    ];

    private static readonly Method<byte[], byte[]> Raw = new(
        MethodType.Unary,
        "engine.v1.Recommender",
        "Recommend",
        Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes),
        Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes));

    private static Recommender.RecommenderClient Recommender(CallInvoker calls) => new(calls);

    private static Catalog.CatalogClient Catalog(CallInvoker calls) => new(calls);

    private static CallOptions Limit(double seconds = Patience) =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(seconds));

    private static string Rule(int conditions) =>
        string.Join(" or ", Enumerable.Range(0, conditions).Select(i => $"product_name contains '{i:x5}'"));

    private static Task<IReadOnlyList<StatusCode>> One(Func<Task> call) => Many(1, _ => call());

    private static async Task<IReadOnlyList<StatusCode>> Many(int count, Func<int, Task> call) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Status(() => call(i))));

    private static async Task<StatusCode> Status(Func<Task> call)
    {
        try
        {
            await call();
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static async Task Batch(CallInvoker calls, IReadOnlyList<string> users)
    {
        using var call = Recommender(calls).BatchRecommend(Limit());
        await call.RequestStream.WriteAsync(
            new BatchRecommendRequest
            {
                UserIds = { Enumerable.Range(0, 10_000).Select(i => users[i % users.Count]) },
                TopK = 10_000,
            });
        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext())
        {
        }
    }

    private static async Task<IReadOnlyList<StatusCode>> Streams(
        CallInvoker calls, IReadOnlyList<string> products, int count, TimeSpan time)
    {
        var open = Enumerable.Range(0, count).Select(i => Recommender(calls).RankUsers(
            new RankUsersRequest { ProductId = products[i % products.Count], TopK = 5_000_000, BlockSize = 10_000 }))
                .ToArray();
        var first =
            await Task.WhenAll(
                open.Select(
                    call =>
                        Status(() => call.ResponseStream.MoveNext(default).WaitAsync(TimeSpan.FromSeconds(Patience)))));
        await Task.Delay(time);
        foreach (var call in open)
        {
            call.Dispose();
        }

        return first;
    }

    private static async Task<IReadOnlyList<StatusCode>> Tasks(CallInvoker calls)
    {
        var client = new Tasks.TasksClient(calls);
        var (codes, end, left) =
            (new List<StatusCode>(), TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), 10_000);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0 && TimeProvider.System.GetUtcNow().UtcDateTime < end)
            {
                var code =
                    await Status(() => client.CreateAsync(new CreateTaskRequest { TopK = 1 }, Limit()).ResponseAsync);
                lock (codes)
                {
                    codes.Add(code);
                }
            }
        }));
        foreach (var task in (await client.ListAsync(new ListTasksRequest())).Tasks.Where(
            task => task.State is TaskState.Queued or TaskState.Running))
        {
            await Status(
                () => client.CancelAsync(new CancelTaskRequest { TaskId = task.TaskId }, Limit()).ResponseAsync);
        }

        return codes;
    }
}
