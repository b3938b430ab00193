using System.Globalization;
using System.Text;
using Engine.Scoring.Events;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Tests.Shared;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Models.Similarity;
using Trainer.Pipeline;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>
/// A snapshot of the days up to T and the rows after T as events: each user is, bit for bit, what the trainer's own
/// code makes of all rows when they end with that user's last one, on the products' side of the snapshot.
/// </summary>
public sealed class EventFoldTests : IDisposable
{
    private static readonly DateTime Cut = new(2021, 7, 12, 12, 0, 0);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Events_after_the_snapshot_fold_as_if_the_trainer_had_known_them(int seed)
    {
        var rows = Rows(seed);
        var options = Write("before", [.. rows.Where(row => row.Time <= Cut)]);
        using var snapshot =
            new SnapshotDirectory(options.Out).Open(TrainingPipeline.Run(options, new RunContext()).Id);
        using var model = new ScoringModel(snapshot);
        var events = new UserEvents();
        foreach (var row in rows.Where(row => row.Time > Cut).OrderBy(row => row.Order))
        {
            events.Add(
                Encoding.UTF8.GetBytes(row.User),
                Encoding.UTF8.GetBytes(row.Product),
                row.Type switch { "buy" => EventType.Purchase, "pv" => EventType.View, _ => EventType.Refund },
                EventTime.Of(row.Time),
                row.Count);
        }

        events.Publish();
        var whole = TrainingPipeline.Read(Write("whole", rows), new RunContext());
        var (touched, unknown, refunded) = (0, 0, 0);
        foreach (var day in rows.Where(row => row.Time > Cut).GroupBy(row => row.User)
            .GroupBy(user => DateOnly.FromDateTime(user.Max(row => row.Time))))
        {
            var scoped = Scope.At(whole, day.Key, options.Horizon);
            var expected = Trained(snapshot, model, scoped);
            var foldIn = new FoldIn(snapshot);
            foreach (var user in day.Select(user => user.Key))
            {
                var at = Array.IndexOf(scoped.UserIds, user);
                if (at < 0)
                {
                    // Without a purchase in the year the trainer scores nobody.
                    continue;
                }

                touched++;
                unknown += snapshot.UserIds.Find(user) < 0 ? 1 : 0;
                refunded += rows.Any(row => row.User == user && row.Type == "back" && row.Time > Cut) ? 1 : 0;
                AssertSame(model, user, events, expected, at, foldIn);
                AssertPurchased(model, user, events, scoped, at);
            }
        }

        Assert.True(touched > 30, $"{touched} users");
        Assert.True(unknown >= 3, $"{unknown} unknown users");
        Assert.True(refunded > 5, $"{refunded} users with refunds");
    }

    [Fact]
    public void Without_events_and_at_an_earlier_version_answers_are_what_they_were()
    {
        var rows = Rows(4);
        var options = Write("before", [.. rows.Where(row => row.Time <= Cut)]);
        using var snapshot =
            new SnapshotDirectory(options.Out).Open(TrainingPipeline.Run(options, new RunContext()).Id);
        using var model = new ScoringModel(snapshot);
        var events = new UserEvents();
        var answers = new List<(long Version, string Text)> { (0, Answer(model, "U1", new EventView(events, 0))) };
        foreach (var row in rows.Where(row => row.Time > Cut && row.User == "U1"))
        {
            events.Add("U1"u8, Encoding.UTF8.GetBytes(row.Product), EventType.Purchase, EventTime.Of(row.Time), 1);
            events.Publish();
            answers.Add((events.Version, Answer(model, "U1", new EventView(events, events.Version))));
        }

        Assert.True(answers.Count > 2);
        Assert.Equal(answers[0].Text, Answer(model, "U1", default));
        foreach (var (version, text) in answers)
        {
            Assert.Equal(text, Answer(model, "U1", new EventView(events, version)));
        }

        events.Erase(id => id.SequenceEqual("U1"u8));
        Assert.Equal(answers[0].Text, Answer(model, "U1", new EventView(events, events.Version)));
    }

    private static string Answer(ScoringModel model, string user, EventView events)
    {
        var answer = new RecommendAnswer();
        Recommender.Recommend(model, new RecommendQuery { UserId = user, Events = events }, answer);
        return string.Join(' ', answer.Products.ToArray().Select(
            row => $"{row.Product.Value}:{BitConverter.SingleToInt32Bits(row.Score):x}"));
    }

    // The user side by the trainer's code, with the snapshot's products and terms.
    private static UserProfiles Trained(Snapshot snapshot, ScoringModel model, ScopedDataset scoped)
    {
        var offsets = new List<long> { 0 };
        var kept = new List<(int Product, byte Type, ushort Day, ushort Count)>();
        for (var user = 0; user < scoped.UserCount; user++)
        {
            var mine = new List<(int Product, byte Type, ushort Day, ushort Count)>();
            for (var e = (int)scoped.Offsets[user]; e < scoped.Offsets[user + 1]; e++)
            {
                if (snapshot.ProductIds.Find(scoped.ProductIds[scoped.Products[e]]) is >= 0 and var product)
                {
                    mine.Add((product, (byte)scoped.Types[e], scoped.Days[e], scoped.Counts[e]));
                }
            }

            kept.AddRange(mine.Order());
            offsets.Add(kept.Count);
        }

        var history = new HistoryContent(
            [.. offsets],
            [.. kept.Select(row => row.Product)],
            [.. kept.Select(row => row.Day)],
            [.. kept.Select(row => row.Type)],
            [.. kept.Select(row => row.Count)]);
        return UserProfiles.Build(
            history, scoped.LastDay, model.ProfileTables, snapshot.ProductRepeat.AsSpan().ToArray(), new RunContext());
    }

    private static void AssertSame(
        ScoringModel model, string user, UserEvents events, UserProfiles expected, int at, FoldIn trainer)
    {
        var snapshot = model.Snapshot;
        var query = new RecommendQuery { UserId = user, Events = new EventView(events, events.Version) };
        var found = QueryProfile.Find(
            snapshot,
            query,
            new SkippedIds(),
            new UserHistory(snapshot),
            new ProfileBuilder(model.ProfileTables),
            new FoldIn(snapshot));
        var (start, end) = ((int)expected.Weights.Offsets[at], (int)expected.Weights.Offsets[at + 1]);
        Assert.Equal(expected.Weights.Row(at).Indices.ToArray(), found.Profile.Weights.Indices.ToArray());
        Assert.Equal(expected.Weights.Row(at).Values.ToArray(), found.Profile.Weights.Values.ToArray());
        Assert.Equal(expected.History[start..end], found.Profile.History.Values.ToArray());
        Assert.Equal(expected.Own[start..end], found.Profile.Own.Values.ToArray());
        var vector = trainer.Solve(expected.Weights.Row(at), expected.Rates[at]);
        Assert.Equal(vector.ToArray(), found.Vector.ToArray());
        Assert.Equal(ScoreSource.User, found.Source);

        // And every call answers from it.
        var answer = new RecommendAnswer();
        query.TopK = snapshot.Manifest.ProductCount;
        Recommender.Recommend(model, query, answer);
        var products = answer.Products.ToArray().Select(row => row.Product).ToArray();
        var scores = new float[products.Length];
        Assert.True(PairScorer.TryScore(model, query, products, scores));
        Assert.Equal(scores, answer.Products.ToArray().Select(row => row.Score));
        Assert.Equal(
            scores,
            Array.ConvertAll(
                products,
                product => PairScorer.Score(
                    model,
                    new QueryProfile(-1, Vector(), ProfileOf(expected, at), ScoreSource.User),
                    product.Value)));
        var explained = new ExplainAnswer();
        Explainer.Explain(model, query, snapshot.ProductIds.Get(products[0].Value), explained);
        Assert.Equal(scores[0], explained.Explanations.Score(0));

        ReadOnlySpan<float> Vector() => trainer.Solve(expected.Weights.Row(at), expected.Rates[at]);
    }

    private static ProfileRow ProfileOf(UserProfiles expected, int at)
    {
        var (start, end) = ((int)expected.Weights.Offsets[at], (int)expected.Weights.Offsets[at + 1]);
        return new ProfileRow(
            expected.Weights.Row(at).Indices,
            expected.Weights.Row(at).Values,
            expected.History.AsSpan()[start..end],
            expected.Own.AsSpan()[start..end]);
    }

    private static void AssertPurchased(
        ScoringModel model, string user, UserEvents events, ScopedDataset scoped, int at)
    {
        var purchased = Enumerable
            .Range((int)scoped.Offsets[at], (int)(scoped.Offsets[at + 1] - scoped.Offsets[at]))
            .Where(e => scoped.Types[e] == Engine.Snapshots.Manifest.BehaviorType.Purchase)
            .Select(e => model.Snapshot.ProductIds.Find(scoped.ProductIds[scoped.Products[e]]))
            .Where(product => product >= 0)
            .ToHashSet();
        var answer = new RecommendAnswer();
        foreach (var (policy, expected) in ((PurchasedPolicy, int)[])[
            (PurchasedPolicy.Only, purchased.Count),
            (PurchasedPolicy.Exclude, model.Snapshot.Manifest.ProductCount - purchased.Count),
        ])
        {
            Recommender.Recommend(
                model,
                new RecommendQuery
                {
                    UserId = user,
                    Events = new EventView(events, events.Version),
                    Purchased = policy,
                    TopK = 100,
                },
                answer);
            Assert.Equal(expected, answer.Products.Length);
            foreach (var row in answer.Products)
            {
                Assert.Equal(policy == PurchasedPolicy.Only, purchased.Contains(row.Product.Value));
            }
        }
    }

    // The tiny brand with refunds, and people who come, come back or are out of the year at T.
    private List<Behavior> Rows(int seed)
    {
        TinyBrand.Write(_folder, seed: seed);
        var rows = File.ReadLines(_folder.File("behavior.csv")).Skip(1).Select(line => line.Split(','))
            .Select((cells, order) => new Behavior(
                cells[0], cells[1], cells[2], DateTime.Parse(cells[3], CultureInfo.InvariantCulture),
                int.Parse(cells[4], CultureInfo.InvariantCulture), order))
            .ToList();
        var random = new Random(seed);
        void Add(string user, string product, string type, DateTime time, int count) =>
            rows.Add(new Behavior(user, product, type, time, count, random.Next()));
        for (var user = 0; user < 40; user++)
        {
            var mine = rows.Where(row => row.User == $"U{user}" && row.Type == "buy").ToArray();
            var bought = mine[random.Next(mine.Length)];
            var time = bought.Time > Cut && user % 2 == 0 ? bought.Time : Cut.AddMinutes(1 + random.Next(25_000));
            Add(bought.User, bought.Product, "back", time, random.Next(1, 6));
        }

        for (var user = 0; user < 5; user++)
        {
            Add($"new{user}", $"P{user}", "pv", Cut.AddHours(random.Next(1, 200)), 1);
            Add($"new{user}", $"P{user + 3}", "buy", Cut.AddHours(random.Next(1, 400)), 2);
            Add($"looked{user}", "P2", "pv", Cut.AddDays(-random.Next(300)), 1);
            Add($"looked{user}", "P5", "buy", Cut.AddHours(random.Next(1, 400)), 1);
            Add($"back{user}", "P7", "buy", Cut.AddDays(-380), 1);
            Add($"back{user}", "P8", "pv", Cut.AddDays(-5), 1);
            Add($"back{user}", "P1", "buy", Cut.AddHours(random.Next(1, 400)), 1);
        }

        return rows;
    }

    private TrainOptions Write(string name, IReadOnlyList<Behavior> rows)
    {
        _folder.Write($"{name}.csv", "user_id,product_id,behavior_type,behavior_time,count\n" + string.Concat(
            rows.Select(row => string.Create(
                CultureInfo.InvariantCulture,
                $"{row.User},{row.Product},{row.Type},{row.Time:yyyy-MM-dd HH:mm},{row.Count}\n"))));
        var json = File.ReadAllText(_folder.File("dataset.json"))
            .Replace("behavior.csv", $"{name}.csv", StringComparison.Ordinal)
            .Replace("\"pv\": \"view\"", "\"pv\": \"view\", \"back\": \"refund\"", StringComparison.Ordinal);
        return new TrainOptions
        {
            Dataset = _folder.Write($"{name}.json", json),
            Out = _folder.File("out"),
            Als = new AlsOptions { Factors = 8, Epochs = 5 },
            Similarity = new SimilarityOptions { Neighbors = 5 },
        };
    }

    private sealed record Behavior(string User, string Product, string Type, DateTime Time, int Count, int Order);
}
