using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Engine.Scoring.Events;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;

namespace Bench;

/// <summary>Events in memory: what they take, how long adding takes, and what a touched user's answer costs.</summary>
internal static class EventsBench
{
    public static Command Create()
    {
        var snapshot = new Option<FileInfo>("--snapshot") { Description = "The file", Required = true };
        var users = new Option<int>("--users") { Description = "Touched users", DefaultValueFactory = _ => 1_000_000 };
        var events = new Option<int>("--events") { Description = "Of each user", DefaultValueFactory = _ => 3 };
        var command = new Command("events", "Memory and time of events since the training") { snapshot, users, events };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(snapshot).FullName, parsed.GetValue(users), parsed.GetValue(events)));
        return command;
    }

    private static void Run(string path, int users, int ofUser)
    {
        using var snapshot = Snapshot.Open(path);
        using var model = new ScoringModel(snapshot);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = MachineLimits.ProcessorSeconds();
        var events = new UserEvents();
        var time = EventTime.Of(snapshot.Manifest.Scope.LastTime) + 1_000;
        Span<byte> id = stackalloc byte[16];
        for (var n = 0; n < users * ofUser; n++)
        {
            // The stored users first, then new ones; every round goes over all of them.
            var user = n % users;
            if (user < snapshot.UserIds.Count)
            {
                events.Add(snapshot.UserIds.Utf8(user), Product(snapshot, n), EventType.Cart, time + n, 1);
            }
            else
            {
                var length = Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"N{user:D9}"), id);
                events.Add(id[..length], Product(snapshot, n), EventType.View, time + n, 1);
            }
        }

        events.Publish();
        var elapsed = MachineLimits.ProcessorSeconds() - start;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine(
            $"{users:N0} users x {ofUser} events: {bytes / 1e6:0.0} MB, {(double)bytes / users:0.0} bytes a user, "
            + $"{elapsed * 1e9 / events.Count:0} ns of processor time an event");
        foreach (var (name, view) in ((string, EventView)[])[
            ("stored", default), ("touched", new EventView(events, events.Version))])
        {
            var latencies = new Latencies(20_000);
            var answer = new RecommendAnswer();
            var query = new RecommendQuery { Events = view };
            for (var n = 0; n < 25_000; n++)
            {
                query.UserId = snapshot.UserIds.Get(n * 7 % Math.Min(users, snapshot.UserIds.Count));
                var began = Stopwatch.GetTimestamp();
                Recommender.Recommend(model, query, answer);
                if (n >= 5_000)
                {
                    latencies.Since(began);
                }
            }

            Console.WriteLine(
                $"Recommend, {name} users: p50 {latencies.Percentile(0.5):0.0} us, "
                + $"p99 {latencies.Percentile(0.99):0.0} us");
        }
    }

    private static ReadOnlySpan<byte> Product(Snapshot snapshot, int n) =>
        snapshot.ProductIds.Utf8((int)(n * 2_654_435_761L % snapshot.ProductIds.Count));
}
