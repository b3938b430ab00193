using Engine.Scoring.Events;
using Engine.Server.Errors;
using Engine.Server.Events;
using Engine.Snapshots.Forgetting;
using Tests.Shared;

namespace Engine.Tests.Events;

/// <summary>The log of events: what was acknowledged is there again, a torn end is cut, damage is named.</summary>
public sealed class EventLogTests : IDisposable
{
    private const int Most = 1_000_000;

    private readonly TemporaryFolder _folder = new();

    private string Segment => Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "events"), "*.events"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_with_the_same_versions()
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            Assert.Equal(0, store.View().Version);
            Assert.Equal(new AcceptedBatch(3, 3, false), await store.Put(Batch("a", 3)));
            Assert.Equal(new AcceptedBatch(2, 5, false), await store.Put(Batch("b", 2)));
            Assert.Equal(new AcceptedBatch(3, 3, true), await store.Put(Batch("a", 3)));
            await Assert.ThrowsAsync<FieldException>(() => store.Put(Batch("a", 3, digest: 9)));
            Assert.Equal(5, store.View().Version);
            Assert.Throws<FieldException>(() => store.View(6));
        }

        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Equal((5, 5), (again.View().Version, again.Events!.Count));
        Assert.Equal(2, again.Events.CountOf("b0"));
        Assert.Equal(new AcceptedBatch(2, 5, true), await again.Put(Batch("b", 2)));
        Assert.Equal(new AcceptedBatch(1, 6, false), await again.Put(Batch("c", 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(30)]
    public async Task A_torn_end_is_cut_at_the_last_whole_record(int left)
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("a", 3));
        }

        var whole = File.ReadAllBytes(Segment);
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("b", 2));
        }

        var both = File.ReadAllBytes(Segment);
        File.WriteAllBytes(Segment, both[..(whole.Length + left)]);
        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Null(again.Problem);
        Assert.Equal(3, again.View().Version);
        Assert.Equal(whole, File.ReadAllBytes(Segment));
        Assert.Equal(new AcceptedBatch(2, 5, false), await again.Put(Batch("b", 2)));
        Assert.Equal(both, File.ReadAllBytes(Segment));
    }

    [Fact]
    public async Task A_damaged_record_before_others_stops_events_and_says_where()
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("a", 3));
            await store.Put(Batch("b", 2));
        }

        var bytes = File.ReadAllBytes(Segment);
        bytes[40] ^= 1;
        File.WriteAllBytes(Segment, bytes);
        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Contains("record at byte 16", again.Problem, StringComparison.Ordinal);
        Assert.Equal(0, again.View().Version);
        await Assert.ThrowsAsync<StateException>(() => again.Put(Batch("c", 1)));
        Assert.Equal(bytes, File.ReadAllBytes(Segment));
    }

    [Fact]
    public async Task Many_callers_at_once_lose_nothing()
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            var accepted = await Task.WhenAll(
                Enumerable.Range(0, 200).Select(call => Task.Run(() => store.Put(Batch($"call{call}", 7)))));
            Assert.Equal(200, accepted.Select(one => one.Version).Distinct().Count());
            Assert.Equal(1_400, store.View().Version);
        }

        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Equal(1_400, again.Events!.Count);
        Assert.All(Enumerable.Range(0, 200), call => Assert.Equal(7, again.Events.CountOf($"call{call}0")));
    }

    [Fact]
    public async Task A_forgotten_person_leaves_log_and_memory_and_others_stay()
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("a", 3));
            await store.Put(Batch("secret", 4));
            Assert.Equal(4, store.Erase(id => id.SequenceEqual("secret0"u8)));
            Assert.Equal(
                (0, 3, 7), (store.Events!.CountOf("secret0"), store.Events.CountOf("a0"), store.View().Version));
            await store.Put(Batch("b", 1));
        }

        Assert.All(
            Directory.GetFiles(Path.Combine(_folder.Path, "events"), "*.events"),
            path => Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOf("secret0"u8)));
        ForgottenUsers.Add(_folder.Path, "a0");
        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Equal((0, 1, 8), (again.Events!.CountOf("a0"), again.Events.CountOf("b0"), again.View().Version));
    }

    [Fact]
    public async Task Rows_that_waited_while_their_person_was_forgotten_are_erased()
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("a", 1));
            var waiting = Batch("secret", 4);
            store.Erase(id => id.SequenceEqual("secret0"u8));
            Assert.Equal(new AcceptedBatch(4, 5, false), await store.Put(waiting));
            Assert.Equal((0, 1), (store.Events!.CountOf("secret0"), store.Events.CountOf("a0")));
        }

        Assert.All(
            Directory.GetFiles(Path.Combine(_folder.Path, "events"), "*.events"),
            path => Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOf("secret0"u8)));
    }

    [Fact]
    public async Task Callers_beside_a_person_who_is_forgotten_lose_nothing_and_the_person_is_gone()
    {
        using var store = new EventStore(_folder.Path, Most);
        await store.Put(Batch("secret", 3));
        var forgotten = 0;
        var callers = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < 200; call++)
            {
                var erasures = store.Erasures;
                var name = caller == 0 && Volatile.Read(ref forgotten) == 0 ? "secret" : $"caller{caller}-{call}-";
                await store.Put(Batch(name, 3, erasures: erasures, id: $"{caller} {call}"));
            }
        })).ToArray();
        while (store.View().Version < 300)
        {
            await Task.Yield();
        }

        Volatile.Write(ref forgotten, 1);
        store.Erase(id => id.SequenceEqual("secret0"u8));
        await Task.WhenAll(callers);
        Assert.Equal(0, store.Events!.CountOf("secret0"));
        Assert.Equal(3 + (8 * 200 * 3), store.View().Version);
        Assert.All(
            Enumerable.Range(1, 7).SelectMany(caller => Enumerable.Range(0, 200).Select(call => (caller, call))),
            one => Assert.Equal(3, store.Events.CountOf($"caller{one.caller}-{one.call}-0")));
    }

    [Fact]
    public async Task What_every_snapshot_holds_is_dropped_and_versions_go_on()
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("old", 3, day: 100));
            store.Trim(99 * EventTime.OfDay);
            Assert.Equal(3, store.Events!.Count);
            store.Trim(101 * EventTime.OfDay);
            Assert.Equal((0, 3), (store.Events!.Count, store.View().Version));
            Assert.Equal(5, (await store.Put(Batch("new", 2, day: 102))).Version);
            Assert.Equal(2, store.Events!.CountOf("new0"));
        }

        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Equal((2, 5), (again.Events!.Count, again.View().Version));
    }

    [Fact]
    public async Task Erasing_and_dropping_in_turn_lose_nothing_that_is_new()
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("old", 3, day: 100));
            store.Trim(101 * EventTime.OfDay);
            Assert.Equal(0, store.Erase(id => id.SequenceEqual("nobody"u8)));
            await store.Put(Batch("new", 2, day: 102));
            store.Trim(101 * EventTime.OfDay);
            Assert.Equal(0, store.Erase(id => id.SequenceEqual("nobody"u8)));
            await store.Put(Batch("newer", 2, day: 103));
            store.Trim(103 * EventTime.OfDay);
            Assert.Equal((2, 7), (store.Events!.CountOf("newer0"), store.View().Version));
        }

        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Equal((2, 7, 2), (again.Events!.CountOf("newer0"), again.View().Version, again.Events.Count));
    }

    [Fact]
    public async Task One_engine_at_a_time_has_the_log()
    {
        using var store = new EventStore(_folder.Path, Most);
        await store.Put(Batch("a", 1));
        using var other = new EventStore(_folder.Path, Most);
        other.TryOpen();
        Assert.Contains("another engine", other.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => other.Put(Batch("b", 1)));
    }

    [Fact]
    public async Task More_events_than_memory_may_hold_are_refused_as_a_whole()
    {
        using var store = new EventStore(_folder.Path, 10);
        await store.Put(Batch("a", 8));
        await Assert.ThrowsAsync<ExhaustedException>(() => store.Put(Batch("b", 3)));
        Assert.Equal(10, (await store.Put(Batch("c", 2))).Version);
    }

    private static EventBatch Batch(
        string user, int rows, uint digest = 1, int day = 18_000, int erasures = 0, string? id = null)
    {
        var batch = new EventBatch(id ?? user, digest) { Erasures = erasures };
        for (var row = 0; row < rows; row++)
        {
            batch.Add($"{user}0", $"P{row}", EventType.View, 1, day * EventTime.OfDay);
        }

        return batch;
    }
}
