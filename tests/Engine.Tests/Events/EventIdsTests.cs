using System.Text;
using Engine.Scoring.Events;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Tests.Shared;

namespace Engine.Tests.Events;

/// <summary>Events in memory: every id is found, readers beside the writer see whole versions, no allocation.</summary>
public sealed class EventIdsTests
{
    [Fact]
    public void Every_id_has_its_number_and_no_other_id_has_one()
    {
        var ids = new EventIds();
        string Id(int n) => new string((char)('a' + (n % 26)), n % 300) + n + "茶";
        for (var n = 0; n < 20_000; n++)
        {
            Assert.Equal(-1, ids.Find(Encoding.UTF8.GetBytes(Id(n))));
            Assert.Equal(n, ids.Add(Encoding.UTF8.GetBytes(Id(n))));
            Assert.Equal(n, ids.Add(Encoding.UTF8.GetBytes(Id(n))));
        }

        for (var n = 0; n < 20_000; n++)
        {
            Assert.Equal(n, ids.Find(Encoding.UTF8.GetBytes(Id(n))));
            Assert.Equal(Id(n), Encoding.UTF8.GetString(ids.Utf8(n)));
        }

        var longest = new byte[ushort.MaxValue];
        Assert.Equal(20_000, ids.Add(longest));
        Assert.Equal(20_000, ids.Find(longest));
    }

    [Fact]
    public async Task Readers_beside_the_writer_get_the_same_answer_for_the_same_version()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(seed: 5), folder));
        var events = new UserEvents();
        var answers = new Dictionary<long, float[]>();
        var time = EventTime.Of(new DateTime(2021, 8, 2));
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var read = 0;
            while (!stop.IsCancellationRequested || read == 0)
            {
                var view = new EventView(events, events.Version);
                var first = Scores(model, "user-3é", view);
                Assert.Equal(first, Scores(model, "user-3é", view));
                answers.TryAdd(view.Version, first);
                read++;
            }
        });
        for (var n = 0; n < 2_000; n++)
        {
            events.Add("user-3é"u8, Encoding.UTF8.GetBytes($"P{n % 30}"), EventType.Purchase, time + n, 1);
            events.Add(Encoding.UTF8.GetBytes($"new{n}"), "P1"u8, EventType.View, time, 1);
            events.Publish();
        }

        await stop.CancelAsync();
        await reader;
        Assert.All(
            answers, answer => Assert.Equal(answer.Value, Scores(model, "user-3é", new EventView(events, answer.Key))));
    }

    [Fact]
    public void A_touched_user_is_answered_without_allocation()
    {
        using var folder = new TemporaryFolder();
        using var model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(seed: 5), folder));
        var events = new UserEvents();
        var time = EventTime.Of(new DateTime(2021, 8, 2));
        events.Add("user-3é"u8, "P4"u8, EventType.Purchase, time, 1);
        events.Add("user-3é"u8, "P4"u8, EventType.Refund, time + 5, 1);
        events.Add("user-3é"u8, "P5"u8, EventType.Cart, time + 9, 1);
        events.Publish();
        var query = new RecommendQuery
        {
            UserId = "user-3é",
            Events = new EventView(events, events.Version),
            Purchased = PurchasedPolicy.Exclude,
        };
        var answer = new RecommendAnswer();
        Recommender.Recommend(model, query, answer);
        Assert.Equal((3, 3L), (answer.EventCount, answer.EventsVersion));
        Assert.Equal(0, Allocations.Least(() => Recommender.Recommend(model, query, answer)));
    }

    private static float[] Scores(ScoringModel model, string user, EventView events)
    {
        var answer = new RecommendAnswer();
        Recommender.Recommend(model, new RecommendQuery { UserId = user, Events = events, TopK = 30 }, answer);
        return [.. answer.Products.ToArray().Select(product => product.Score)];
    }
}
