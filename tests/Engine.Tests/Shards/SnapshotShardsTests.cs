using CsCheck;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Engine.Tests.Signature;
using Tests.Shared;

namespace Engine.Tests.Shards;

public class SnapshotShardsTests
{
    [Fact]
    public void Every_bucket_is_in_one_shard()
    {
        foreach (var shards in (int[])[2, 3, 7, 1000, 1024])
        {
            var next = 0;
            for (var shard = 0; shard < shards; shard++)
            {
                var buckets = BucketRange.OfShard(shard, shards);
                Assert.Equal(next, buckets.First);
                Assert.InRange(buckets.Last - buckets.First + 1, 1024 / shards, (1024 / shards) + 1);
                Assert.True(BucketRange.TryParse(buckets.ToString(), out var read));
                Assert.Equal(buckets, read);
                next = buckets.Last + 1;
            }

            Assert.Equal(BucketRange.Buckets, next);
        }

        Assert.False(BucketRange.TryParse("5-4", out _) || BucketRange.TryParse("0-1024", out _)
            || BucketRange.TryParse("1-2-3", out _) || BucketRange.TryParse("", out _));
    }

    // The bucket of an id is in files and in requests of other machines: it may never change.
    [Theory]
    [InlineData("C0000001", 898)]
    [InlineData("用户", 562)]
    [InlineData("a", 137)]
    public void The_bucket_of_an_id_is_fixed(string id, int bucket) => Assert.Equal(bucket, UserBuckets.Of(id));

    [Fact]
    public void A_shard_answers_its_users_as_the_whole_does_and_refuses_others_by_name() => Question.Any.Sample(
        question =>
        {
            var shards = question.Random.Next(2, 5);
            using var set = new ShardedSnapshot(question.Content, shards);
            var (whole, part) = (new RecommendAnswer(), new RecommendAnswer());
            for (var user = 0; user < question.Content.UserIds.Count; user++)
            {
                Recommender.Recommend(set.Whole, question.QueryOf(user), whole);
                var id = question.Content.UserIds[user];
                foreach (var shard in set.Shards)
                {
                    var terms = shard.Snapshot.Shard!;
                    Assert.Equal(set.Whole.Snapshot.Id, terms.SetId);
                    if (!terms.Buckets.Contains(UserBuckets.Of(id)))
                    {
                        var refused = Assert.Throws<MissingBucketsException>(
                            () => Recommender.Recommend(shard, question.QueryOf(user), part));
                        Assert.Contains($"bucket {UserBuckets.Of(id)}", refused.Message, StringComparison.Ordinal);
                        continue;
                    }

                    Recommender.Recommend(shard, question.QueryOf(user), part);
                    Assert.Equal(whole.Products.ToArray(), part.Products.ToArray());
                    Assert.Equal(whole.EligibleCount, part.EligibleCount);
                    Assert.Equal(user, shard.Snapshot.UserPlaces[shard.Snapshot.UserIds.Find(id)]);
                    foreach (var product in whole.Products)
                    {
                        Assert.Equal(
                            CalibratedScores.Place(set.Whole.Snapshot, product.Product, product.Score),
                            CalibratedScores.Place(shard.Snapshot, product.Product, product.Score));
                    }
                }
            }
        },
        iter: 60);

    [Fact]
    public void Unknown_users_and_baskets_are_answered_by_the_shard_that_would_know_them()
    {
        using var set = new ShardedSnapshot(RandomSnapshot.Content(4), 3);
        var answer = new RecommendAnswer();
        var query = new RecommendQuery { UserId = "nobody", OnUnknown = UnknownUserPolicy.PopularInPool };
        var owner = UserBuckets.Of("nobody");
        foreach (var shard in set.Shards)
        {
            if (shard.Snapshot.Shard!.Buckets.Contains(owner))
            {
                Recommender.Recommend(shard, query, answer);
                Assert.Equal(ScoreSource.Popularity, answer.Source);
            }
            else
            {
                Assert.Throws<MissingBucketsException>(() => Recommender.Recommend(shard, query, answer));
            }

            var basket = new RecommendQuery();
            basket.Recent.Add(new RecentBehavior("P1", BehaviorType.Cart, 0, 1));
            Recommender.Recommend(shard, basket, answer);
            Assert.Equal(ScoreSource.Recent, answer.Source);
        }
    }

    [Fact]
    public void Questions_about_all_users_need_all_shards()
    {
        using var set = new ShardedSnapshot(RandomSnapshot.Content(4), 3);
        var refused = Assert.Throws<MissingBucketsException>(() => UserRanker.Rank(
            set.Shards[1], new RankUsersQuery { ProductId = "P1" }, new RankUsersAnswer()));
        Assert.Equal([new BucketRange(0, 340), new BucketRange(682, 1023)], refused.Buckets);
        Assert.Contains("0-340 and 682-1023", refused.Message, StringComparison.Ordinal);
        Assert.Throws<MissingBucketsException>(() => AudienceRecommender.Recommend(
            set.Shards[0], new AudienceQuery(), new RecommendAnswer()));
        var part = new RankUsersAnswer();
        UserRanker.Rank(set.Shards[1], new RankUsersQuery { ProductId = "P1", AllowPartial = true, TopK = 99 }, part);
        Assert.Equal(set.Shards[1].Snapshot.Manifest.UserCount, part.Users.Length);
    }

    [Fact]
    public void Shards_are_published_and_opened_like_any_snapshot()
    {
        using var folder = new TemporaryFolder();
        using var whole = RandomSnapshot.Open(RandomSnapshot.Content(8), folder);
        var shards = new SnapshotShards(whole, 2);
        var directory = new SnapshotDirectory(folder.File("shards"));
        var id = directory.Publish(path => shards.Write(path, 1));
        Assert.Equal($"{whole.Id}-1of2", id);
        Assert.Equal(id, directory.ReadCurrent());
        using var shard = directory.Open(id);
        Assert.Equal(new BucketRange(512, 1023), shard.Shard!.Buckets);
        Assert.Throws<InputException>(() => new SnapshotShards(shard, 2));
        Assert.Throws<InputException>(() => new SnapshotShards(whole, 1));
    }

    // Version 2 with units that fit a record and that do not, version 2 with a day that fits no record, version 1.
    [Theory]
    [InlineData(0)]
    [InlineData(512)]
    [InlineData(-1)]
    public void Users_of_shards_have_their_behaviors_and_profiles_in_the_sections_of_the_whole(int largestDay)
    {
        using var folder = new TemporaryFolder();
        using var whole = largestDay < 0
            ? Snapshot.OpenVerified(
                Path.Combine(TestData.Root, "tests", "Engine.Tests", "Snapshots", "golden-v1.snapshot"))
            : RandomSnapshot.Open(WithUnits(RandomSnapshot.Content(31), (ushort)largestDay), folder);
        var cut = new SnapshotShards(whole, 3);
        var users = 0;
        for (var k = 0; k < 3; k++)
        {
            var path = folder.File($"{k}");
            cut.Write(path, k);
            using var shard = Snapshot.OpenVerified(path);
            Assert.Equal(
                whole.Sections.Select(entry => entry.Kind).Append(SectionKind.UserPlaces).Order(),
                shard.Sections.Select(entry => entry.Kind).Order());
            using var model = new ScoringModel(shard);
            for (var user = 0; user < shard.Manifest.UserCount; user++, users++)
            {
                var place = shard.UserPlaces[user];
                Assert.Equal(whole.UserIds.Get(place), shard.UserIds.Get(user));
                Assert.Equal(
                    whole.UserFactors[place][..whole.UserFactors.Columns],
                    shard.UserFactors[user][..shard.UserFactors.Columns]);
                Assert.Equal(Behaviors(whole, place), Behaviors(shard, user));
                if (whole.Derived.HasProfiles)
                {
                    Assert.Equal(whole.Derived.Profile.Row(place).Values, shard.Derived.Profile.Row(user).Values);
                    foreach (var product in shard.Derived.Profile.Row(user).Indices)
                    {
                        Assert.True(shard.Derived.ProfileReverse.Row(product).Indices.Contains(user));
                    }
                }
            }
        }

        Assert.Equal(whole.Manifest.UserCount, users);
    }

    private static SnapshotContent WithUnits(SnapshotContent content, ushort largestDay)
    {
        int[] units = [0, 1, 30, 31, 32, 65_535];
        content.History.Days[^1] = largestDay;
        return content with
        {
            History = content.History with
            {
                Counts = [.. content.History.Products.Select((_, e) => (ushort)units[e % units.Length])],
            },
        };
    }

    private static (int, int, int, int)[] Behaviors(Snapshot snapshot, int user)
    {
        var row = snapshot.History.Row(user);
        var behaviors = new (int, int, int, int)[row.Count];
        for (var i = 0; i < row.Count; i++)
        {
            behaviors[i] = (row.Product(i), row.Day(i), row.Type(i), row.Units(i));
        }

        return behaviors;
    }
}
