using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Engine.Scoring.Events;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Events;
using Engine.Snapshots;

namespace Bench;

/// <summary>
/// Events since the training: the time of the log to take them and to read them again, the memory that they take, and
/// what a touched user's answer costs.
/// </summary>
internal static class EventsBench
{
    private const int BatchRows = 10_000;
    private const int Questions = 20_000;
    private const int WarmUp = 5_000;

    public static Command Create()
    {
        var snapshot = new Option<FileInfo>("--snapshot") { Description = "The file", Required = true };
        var folder = new Option<DirectoryInfo>("--folder")
        {
            Description = "An empty folder for the log",
            Required = true,
        };
        var users = new Option<int>("--users") { Description = "Touched users", DefaultValueFactory = _ => 1_000_000 };
        var events = new Option<int>("--events") { Description = "Of each user", DefaultValueFactory = _ => 3 };
        var command = new Command("events", "Time and memory of events since the training")
        {
            snapshot, folder, users, events,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(snapshot).FullName,
            parsed.GetRequiredValue(folder).FullName,
            parsed.GetValue(users),
            parsed.GetValue(events)));
        return command;
    }

    private static void Run(string path, string folder, int users, int ofUser)
    {
        using var snapshot = Snapshot.Open(path);
        using var model = new ScoringModel(snapshot);
        var count = users * ofUser;
        using (var store = new EventStore(folder, int.MaxValue))
        {
            Print("append", count, () => Append(store, snapshot, users, count));
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var again = new EventStore(folder, int.MaxValue);
        Print("recover", count, again.TryOpen);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine(
            $"{users:N0} users x {ofUser} events: {bytes / 1e6:0.0} MB, {(double)bytes / users:0.0} bytes a user");
        Ask("stored", model, users, default);
        Ask("touched", model, users, again.View());
    }

    private static void Append(EventStore store, Snapshot snapshot, int users, int count)
    {
        // The stored users first, then new ones; every round goes over all of them.
        var ids = snapshot.UserIds;
        var time = EventTime.Of(snapshot.Manifest.Scope.LastTime) + 1_000;
        for (var first = 0; first < count; first += BatchRows)
        {
            var batch = new EventBatch("", 0);
            for (var n = first; n < Math.Min(count, first + BatchRows); n++)
            {
                var user = n % users;
                batch.Add(
                    user < ids.Count ? ids.Get(user) : string.Create(CultureInfo.InvariantCulture, $"N{user:D9}"),
                    snapshot.ProductIds.Get((int)(n * 2_654_435_761L % snapshot.ProductIds.Count)),
                    EventType.Cart,
                    1,
                    time + n);
            }

            store.Put(batch).GetAwaiter().GetResult();
        }
    }

    private static void Print(string what, int events, Action work)
    {
        var (start, processor) = (Stopwatch.GetTimestamp(), MachineLimits.ProcessorSeconds());
        work();
        var (seconds, used) = (
            Stopwatch.GetElapsedTime(start).TotalSeconds, MachineLimits.ProcessorSeconds() - processor);
        Console.WriteLine(
            $"{what}: {events:N0} events in {seconds:0.0} s, {events / seconds:N0} a second; "
            + $"{used:0.0} s of processor time, {used * 1e9 / events:0} ns an event");
    }

    private static void Ask(string name, ScoringModel model, int users, EventView view)
    {
        var latencies = new Latencies(Questions);
        var answer = new RecommendAnswer();
        var query = new RecommendQuery { Events = view };
        for (var n = 0; n < WarmUp + Questions; n++)
        {
            query.UserId = model.Snapshot.UserIds.Get(n * 7 % Math.Min(users, model.Snapshot.UserIds.Count));
            var began = Stopwatch.GetTimestamp();
            Recommender.Recommend(model, query, answer);
            if (n >= WarmUp)
            {
                latencies.Since(began);
            }
        }

        Console.WriteLine(
            $"Recommend, {name} users: p50 {latencies.Percentile(0.5):0.0} us, "
            + $"p99 {latencies.Percentile(0.99):0.0} us");
    }
}
