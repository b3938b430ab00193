using Engine.Protos.V1;
using Engine.Snapshots.Ids;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Shards;

/// <summary>What an engine that knows the owners of all shards does for users of other buckets.</summary>
public sealed class OwnerWorkTests
{
    [Fact]
    public async Task A_snapshot_that_is_not_open_yet_is_opened_and_its_users_are_asked_of_their_owners()
    {
        await using var engines = await FrontAndOwners.Start(Content(20));
        var (front, user) = (engines.Front.Recommender, OfLastShard(engines.Users));
        Func<string, Task<string>>[] calls =
        [
            async id => (await front.ScoreAsync(
                new() { SnapshotId = id, UserIds = { user }, ProductIds = { "P1" } })).SnapshotId,
            async id => (await front.NextOrderAsync(new() { SnapshotId = id, UserIds = { user } })).SnapshotId,
            async id => (await front.ExplainAsync(
                new() { SnapshotId = id, UserId = user, ProductId = "P1" })).SnapshotId,
            async id => (await front.RecommendPlacementAsync(
                new() { SnapshotId = id, UserId = user, Trial = new Placement { TopK = 3 } })).SnapshotId,
            async id => (await front.RankTagValuesAsync(
                new() { SnapshotId = id, UserId = user, Tag = "category" })).SnapshotId,
            async id => (await front.RecommendAsync(new() { SnapshotId = id, UserId = user })).SnapshotId,
        ];
        for (var call = 0; call < calls.Length; call++)
        {
            // Each is the first call that names the snapshot; the next one finds it open.
            var named = await engines.Publish(Content(30 + call));
            await engines.Publish(Content(40 + call));
            Assert.Equal(named, await calls[call](named));
            Assert.Equal(named, await calls[call](named));
        }
    }

    [Fact]
    public async Task An_owner_that_cannot_open_a_snapshot_is_missing_and_the_caller_is_not_blamed()
    {
        await using var engines = await FrontAndOwners.Start(
            Content(20), (shard, options) => options.NamedMebibytes = shard == 2 ? 0 : options.NamedMebibytes);
        var served = await engines.Publish(Content(21));
        var next = await engines.Publish(Content(22));
        var users = engines.Users.Take(20).Append(OfLastShard(engines.Users)).ToArray();
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await engines.Front.Recommender.ScoreAsync(
            new() { SnapshotId = served, UserIds = { users }, ProductIds = { "P1" } }));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("buckets 682-1023 are missing", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("--named-mebibytes", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(next, (await engines.Front.Recommender.ScoreAsync(
            new() { UserIds = { users }, ProductIds = { "P1" } })).SnapshotId);
    }

    [Fact]
    public async Task An_experiment_gives_every_user_an_arm_whoever_owns_the_bucket()
    {
        await using var engines = await FrontAndOwners.Start(Content(20));
        var old = engines.Front.Directory.ReadCurrent()![..^"-1of3".Length];
        var served = await engines.Publish(Content(21));
        foreach (var engine in engines.Owners.Append(engines.Front))
        {
            await engine.Catalog.SavePlacementAsync(new() { Placement = new Placement { Name = "home", TopK = 5 } });
        }

        await engines.Front.Catalog.SaveExperimentAsync(new()
        {
            Experiment = new Experiment
            {
                Name = "trial",
                Arms =
                {
                    new ExperimentArm { Name = "now", Placement = "home", Share = 0.5 },
                    new ExperimentArm { Name = "before", Placement = "home", SnapshotId = old, Share = 0.5 },
                },
            },
        });
        var arms = new HashSet<string>();
        foreach (var user in engines.Users.Take(30))
        {
            var shown = await engines.Front.Recommender.RecommendPlacementAsync(
                new() { Experiment = "trial", UserId = user });
            arms.Add(shown.Arm);
            Assert.Equal(shown.Arm == "now" ? served : old, shown.SnapshotId);
            Assert.NotEmpty(shown.RecommendationId);
            var plain = await engines.Front.Recommender.RecommendPlacementAsync(
                new() { Placement = "home", SnapshotId = shown.SnapshotId, UserId = user });
            Assert.Equal(plain.Products, shown.Products);
        }

        Assert.Equal(2, arms.Count);
        Assert.All(
            await Shown(engines.Front), line => Assert.Contains("\"trial\"", line, StringComparison.Ordinal));
        Assert.All(
            engines.Owners, owner => Assert.False(Directory.Exists(Path.Combine(owner.Directory.Path, "shown"))));
    }

    [Fact]
    public async Task Every_owner_forgets_a_person_and_one_that_does_not_answer_is_named()
    {
        await using var engines = await FrontAndOwners.Start(Content(20));
        var admin = new Admin.AdminClient(engines.Front.Channel);
        var (person, next) = (OfLastShard(engines.Users), OfLastShard(engines.Users.Reverse()));
        await engines.Front.Catalog.SaveAudienceAsync(new() { Name = "some", UserIds = { person, next } });
        await new Engine.Protos.V1.Events.EventsClient(engines.Front.Channel).PutAsync(new()
        {
            Events =
            {
                new Event
                {
                    UserId = person,
                    ProductId = "P5",
                    Type = EventType.Purchase,
                    Time = "2021-08-02T09:00:00",
                },
            },
        });
        var forgotten = await admin.ForgetUserAsync(new() { UserId = person });
        Assert.Equal((1, 1), (forgotten.AudienceCount, forgotten.EventCount));
        await IsUnknown(engines.Front, person);
        await IsUnknown(engines.Owners[2], person);

        await engines.Stop(1);
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await admin.ForgetUserAsync(new() { UserId = next }));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("buckets 341-681 are missing", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("repeat the call", refused.Status.Detail, StringComparison.Ordinal);
        await IsUnknown(engines.Front, next);
    }

    private static Engine.Snapshots.Writing.SnapshotContent Content(int seed) =>
        RandomNextOrder.With(RandomSnapshot.Content(seed, users: 200));

    private static string OfLastShard(IEnumerable<string> users) => users.First(user => UserBuckets.Of(user) > 682);

    private static async Task IsUnknown(RunningEngine engine, string user) => Assert.Equal(
        StatusCode.NotFound,
        (await Assert.ThrowsAsync<RpcException>(
            async () => await engine.Recommender.RecommendAsync(new() { UserId = user }))).StatusCode);

    // Written a moment after the replies.
    private static async Task<string[]> Shown(RunningEngine engine)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var file = Path.Combine(engine.Directory.Path, "shown", "shown.jsonl");
        while (true)
        {
            if (File.Exists(file) && await File.ReadAllLinesAsync(file, limit.Token) is { Length: >= 30 } lines)
            {
                return lines;
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
