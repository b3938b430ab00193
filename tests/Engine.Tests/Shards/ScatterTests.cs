using CsCheck;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Shards;
using Engine.Snapshots;
using Engine.Tests.Signature;
using Google.Protobuf.Collections;
using Tests.Shared;

namespace Engine.Tests.Shards;

/// <summary>Questions about many users: shards, merged, against the whole, message for message.</summary>
public class ScatterTests
{
    [Fact]
    public void RankUsers_over_shards_equals_the_whole() => Question.Any.Sample(
        question =>
        {
            using var set = new ShardedSnapshot(question.Content, question.Random.Next(2, 6));
            using var catalogs = new Catalogs(set, question);
            var request = new RankUsersRequest
            {
                ProductId = question.Content.ProductIds[question.Product],
                TopK = question.Random.Next(1, question.Content.UserIds.Count + 3),
                BlockSize = question.Random.Next(1, 5),
                Purchased = (PurchasedPolicy)question.Random.Next(4),
                Audience = catalogs.AudienceOrNone(),
                ValidateOnly = question.Random.Next(8) == 0,
            };
            AddIds(question, request.UserIds);
            request.InlineAudience = question.Random.Next(4) == 0;
            if (question.Random.Next(3) == 0)
            {
                (request.ProductId, request.By) = ("", (PoolScore)question.Random.Next(3));
                request.Pool = new PoolFilter { Inline = true };
                request.Pool.ProductIds.AddRange((question.Pool ?? []).Select(p => question.Content.ProductIds[p]));
                request.Pool.ProductIds.AddRange(["no product", "no product either"]);
            }

            var expected = RankUsersCall.Answer(set.Whole, catalogs.Whole, request, Clock).Select(Timeless).ToArray();
            var streams = set.Shards
                .Select((shard, k) => Stream(
                    RankUsersCall.Answer(
                        shard, catalogs[k], RankedUsers.Of(request, shard.Snapshot.Id), Clock)))
                .ToArray();
            var merged = RankedUsers.Merge(set.Shards[0], request, streams, [], Clock)
                .ToBlockingEnumerable().Select(Timeless).ToArray();
            Assert.Equal(expected, merged);
        },
        iter: 150);

    [Fact]
    public void EstimateAudience_over_shards_equals_the_exact_curve_of_the_whole() => Question.Any.Sample(
        question =>
        {
            using var set = new ShardedSnapshot(question.Content, question.Random.Next(2, 6));
            using var catalogs = new Catalogs(set, question);
            var request = new EstimateAudienceRequest
            {
                ProductId = question.Content.ProductIds[question.Product],
                Purchased = (PurchasedPolicy)question.Random.Next(4),
                Audience = catalogs.AudienceOrNone(),
                Exact = true,
            };
            AddIds(question, request.UserIds);
            if (question.Random.Next(3) == 0)
            {
                (request.Low, request.High) = (-1, question.Random.Next(5));
            }

            var counted = Ask(null);
            if (!request.HasLow && CountedUsers.RangeOf(counted) is { } range)
            {
                counted = Ask(range);
            }

            var expected = EstimateCall.Answer(set.Whole, catalogs.Whole, request, Clock);
            var merged = CountedUsers.Merge(set.Shards[^1], request, counted, [], Clock);
            Assert.Equal(Timeless(expected), Timeless(merged));
            AssertExact(set, catalogs, request, expected);

            EstimateAudienceReply[] Ask((float, float)? thresholds) =>
            [
                .. set.Shards.Select((shard, k) => EstimateCall.Answer(
                    shard, catalogs[k], CountedUsers.Of(request, shard.Snapshot.Id, thresholds), Clock)),
            ];
        },
        iter: 100);

    [Fact]
    public void RecommendForAudience_over_shards_equals_the_whole() => Question.Any.Sample(
        question =>
        {
            using var set = new ShardedSnapshot(question.Content, question.Random.Next(2, 6));
            using var catalogs = new Catalogs(set, question);
            var request = new RecommendForAudienceRequest
            {
                TopK = question.TopK,
                Audience = catalogs.AudienceOrNone(),
                Explain = true,
                ValidateOnly = question.Random.Next(8) == 0,
                Pool = new PoolFilter { Inline = question.Pool is not null, Rule = "price >= 10 or price < 10" },
            };
            AddIds(question, request.UserIds);
            request.Pool.ProductIds.AddRange((question.Pool ?? []).Select(p => question.Content.ProductIds[p]));
            request.ExcludeProductIds.AddRange(question.Excluded.Select(p => question.Content.ProductIds[p]));
            request.ExcludeProductIds.Add("no product");
            var sum = new SummedUsers(set.Shards[0]);
            for (var k = 0; k < set.Shards.Length; k++)
            {
                var one = SummedUsers.Of(request, set.Shards[k].Snapshot.Id);
                foreach (var block in SumCall.Answer(set.Shards[k], catalogs[k], one))
                {
                    sum.Add(block);
                }
            }

            var expected = AudienceCall.Answer(set.Whole, catalogs.Whole, request, Clock);
            var merged = sum.Answer(set.Shards[0], catalogs[0], request, [], Clock, CancellationToken.None);
            Assert.Equal(Timeless(expected), Timeless(merged));
        },
        iter: 150);

    [Fact]
    public void Ten_thousand_users_are_merged_with_their_ties()
    {
        // All dense scores are equal, and few users have a sparse part: the order is mostly that of places.
        using var set = new ShardedSnapshot(RandomSnapshot.Content(5, users: 12_000, products: 9, scale: 0), 3);
        using var folder = new TemporaryFolder();
        var catalog = new WorkspaceCatalog(folder.Path);
        var request = new RankUsersRequest { ProductId = "P4", TopK = 10_000, BlockSize = 777 };
        var streams = set.Shards
            .Select(shard => Stream(
                RankUsersCall.Answer(shard, catalog, RankedUsers.Of(request, shard.Snapshot.Id), Clock)))
            .ToArray();
        var merged = RankedUsers.Merge(set.Shards[2], request, streams, [], Clock).ToBlockingEnumerable();
        var expected = RankUsersCall.Answer(set.Whole, catalog, request, Clock).Select(Timeless).ToArray();
        Assert.Equal(expected, merged.Select(Timeless));
        Assert.Equal(10_000, expected.Sum(block => block.Users.Count));
        Assert.NotEqual(
            10_000, expected.SelectMany(block => block.Users).Select(user => user.Score).Distinct().Count());
    }

    [Fact]
    public void Skipped_ids_are_listed_in_the_order_of_the_request()
    {
        var unknown = (string id) => new Skipped { Id = id, Reason = SkipReason.UnknownUser };
        var again = (string id) => new Skipped { Id = id, Reason = SkipReason.Duplicate };
        Assert.Equal(
            [unknown("x"), again("a"), unknown("y"), again("b"), unknown("x"), unknown("of an audience")],
            SkippedMerge.Of(
                ["a", "x", "b", "a", "y", "b", "x"],
                [[again("a"), again("b")], [unknown("x"), unknown("y"), unknown("x"), unknown("of an audience")]]));
    }

    [Fact]
    public void A_task_is_about_all_users_unless_it_names_its_shard()
    {
        using var set = new ShardedSnapshot(RandomSnapshot.Content(5), 3);
        using var folder = new TemporaryFolder();
        var (catalog, shard) = (new WorkspaceCatalog(folder.Path), set.Shards[1]);
        foreach (var id in (string[])["", shard.Snapshot.SetId])
        {
            var refused = Assert.Throws<MissingBucketsException>(() => Create(id));
            Assert.Equal([new(0, 340), new(682, 1023)], refused.Buckets);
            Assert.Contains($"Give snapshot_id {shard.Snapshot.Id}", refused.Message, StringComparison.Ordinal);
        }

        var task = Create(shard.Snapshot.Id).Record;
        Assert.Equal((shard.Snapshot.Id, shard.Snapshot.Manifest.UserCount), (task.SnapshotId, (int)task.Counts.Users));

        TaskCreation Create(string id) => TaskCreation.Of(
            shard, catalog, new CreateTaskRequest { SnapshotId = id, TopK = 3 }, DateTimeOffset.UnixEpoch);
    }

    private static CallClock Clock => CallClock.Start(TimeProvider.System);

    private static void AddIds(Question question, RepeatedField<string> ids)
    {
        foreach (var _ in question.Random.Next(2) == 0 ? [] : Enumerable.Range(0, question.Random.Next(1, 30)))
        {
            ids.Add(
                question.Random.Next(4) == 0
                    ? $"nobody {question.Random.Next(3)}"
                    : question.Content.UserIds[question.Random.Next(question.Content.UserIds.Count)]);
        }
    }

    // The counts are those of the scores that RankUsers gives.
    private static void AssertExact(
        ShardedSnapshot set, Catalogs catalogs, EstimateAudienceRequest request, EstimateAudienceReply reply)
    {
        var all = new RankUsersRequest
        {
            ProductId = request.ProductId,
            Purchased = request.Purchased,
            Audience = request.Audience,
            TopK = 5_000_000,
        };
        all.UserIds.AddRange(request.UserIds);
        var scores = RankUsersCall.Answer(set.Whole, catalogs.Whole, all, Clock)
            .SelectMany(block => block.Users).Select(user => user.Score).ToArray();
        Assert.Equal(scores.Length, reply.EligibleCount);
        foreach (var point in reply.Curve)
        {
            Assert.Equal(scores.Count(score => score >= point.Threshold), point.UserCount);
        }

        if (scores.Length > 0)
        {
            Assert.Equal((scores.Min(), scores.Max()), (reply.Low, reply.High));
        }
    }

    private static IAsyncEnumerator<RankUsersReply> Stream(IEnumerable<RankUsersReply> blocks)
    {
        var stream = blocks.ToAsyncEnumerable().GetAsyncEnumerator();
        Assert.True(stream.MoveNextAsync().AsTask().Result);
        return stream;
    }

    private static RankUsersReply Timeless(RankUsersReply reply)
    {
        reply.ServerMicros = 0;
        return reply;
    }

    private static EstimateAudienceReply Timeless(EstimateAudienceReply reply)
    {
        reply.ServerMicros = 0;
        return reply;
    }

    private static RecommendReply Timeless(RecommendReply reply)
    {
        reply.ServerMicros = 0;
        return reply;
    }

    /// <summary>A catalog for the whole and one for each shard, with the same audience and blocked products.</summary>
    private sealed class Catalogs : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly WorkspaceCatalog[] _shards;
        private readonly Question _question;

        public Catalogs(ShardedSnapshot set, Question question)
        {
            _question = question;
            var users = question.Content.UserIds.Where(_ => question.Random.Next(2) == 0).ToArray();
            Whole = Make("whole", set.Whole);
            _shards = [.. set.Shards.Select((shard, k) => Make($"{k}", shard))];

            WorkspaceCatalog Make(string name, ScoringModel model)
            {
                var catalog = new WorkspaceCatalog(_folder.File(name));
                var audience = new SaveAudienceRequest { Name = "some", UserIds = { users.Append("nobody") } };
                AudienceAnswers.Save(model, catalog, audience);
                BlockedAnswers.Set(
                    catalog.Blocked, model, new SetBlockedRequest { Block = { question.Content.ProductIds[0] } });
                return catalog;
            }
        }

        public WorkspaceCatalog Whole { get; }

        public WorkspaceCatalog this[int shard] => _shards[shard];

        public string AudienceOrNone() => _question.Random.Next(2) == 0 ? "some" : "";

        public void Dispose() => _folder.Dispose();
    }
}
