using System.Buffers.Binary;
using Engine.Scoring.Events;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Events;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Events;

/// <summary>No damage takes acknowledged events with it in silence, and no caller takes all memory or all threads.</summary>
public sealed class EventDamageTests : IDisposable
{
    private const int Most = 1_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    private string Segment => Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "events"), "*.events"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a bit of the length")]
    [InlineData("the length")]
    [InlineData("two records")]
    [InlineData("the end of one and the start of the next")]
    public async Task A_record_that_cannot_be_passed_over_takes_no_later_one_with_it(string damage)
    {
        var ends = new List<long>();
        using (var store = new EventStore(_folder.Path, Most))
        {
            foreach (var name in (string[])["a", "b", "c", "d"])
            {
                await store.Put(Batch(name, 3));
                ends.Add(new FileInfo(Segment).Length);
            }
        }

        var bytes = File.ReadAllBytes(Segment);
        var (first, second) = ((int)ends[0], (int)ends[1]);
        switch (damage)
        {
            case "a bit of the length":
                bytes[first + 2] ^= 0x40;
                break;
            case "the length":
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(first), 0);
                break;
            case "two records":
                bytes.AsSpan(first, (int)ends[2] - first).Clear();
                break;
            default:
                bytes.AsSpan(second - 20, 40).Clear();
                break;
        }

        File.WriteAllBytes(Segment, bytes);
        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Contains($"record at byte {first}", again.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StateException>(() => again.Put(Batch("e", 1)));
        Assert.Equal(bytes, File.ReadAllBytes(Segment));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("deleted")]
    [InlineData("replaced")]
    [InlineData("replaced by a longer one")]
    [InlineData("written over by a longer one")]
    [InlineData("written over by one of its length")]
    [InlineData("continued by somebody else")]
    public async Task A_file_that_changes_beneath_takes_no_events_until_it_is_back(string change)
    {
        using (var store = new EventStore(_folder.Path, Most))
        {
            await store.Put(Batch("a", 3));
            Assert.Null(store.Problem);
            var (path, bytes) = (Segment, File.ReadAllBytes(Segment));
            switch (change)
            {
                case "cut":
                    File.WriteAllBytes(path, bytes[..20]);
                    break;
                case "deleted":
                    File.Delete(path);
                    break;
                case "replaced":
                    AtomicFile.Write(path, stream => stream.Write(bytes.AsSpan(0, 16)));
                    break;
                case "replaced by a longer one":
                    var longer = await Other(5);
                    AtomicFile.Write(path, stream => stream.Write(longer));
                    break;
                case "written over by a longer one":
                    File.WriteAllBytes(path, await Other(5));
                    break;
                case "written over by one of its length":
                    File.WriteAllBytes(path, await Other(3));
                    break;
                default:
                    File.AppendAllText(path, "more");
                    break;
            }

            Assert.Contains(path, store.Problem, StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<IOException>(() => store.Put(Batch("b", 2)));
            Assert.Equal((3, 3), (store.View().Version, store.Events!.Count));
            if (change.StartsWith("written", StringComparison.Ordinal))
            {
                File.WriteAllBytes(path, bytes);
            }
            else
            {
                AtomicFile.Write(path, stream => stream.Write(bytes));
            }

            Assert.Null(store.Problem);
            Assert.Equal(new AcceptedBatch(2, 5, false), await store.Put(Batch("b", 2)));
            Assert.Null(store.Problem);
        }

        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Equal((null, 5), (again.Problem, again.Events!.Count));
    }

    [Fact]
    public async Task An_erased_person_leaves_files_that_are_known_again()
    {
        using var store = new EventStore(_folder.Path, Most);
        await store.Put(Batch("a", 3));
        await store.Put(Batch("b", 3));
        Assert.Equal(3, store.Erase(id => id.SequenceEqual("a0"u8)));
        Assert.Null(store.Problem);
        await store.Put(Batch("c", 1));
        Assert.Null(store.Problem);

        // A backup from before would bring the person back.
        var closed = Directory.GetFiles(Path.Combine(_folder.Path, "events"), "*.events").Order().First();
        AtomicFile.Write(closed, stream => stream.Write(Other(3).GetAwaiter().GetResult()));
        Assert.Contains(closed, store.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => store.Put(Batch("d", 2)));
    }

    [Fact]
    public async Task Asking_beside_writing_never_finds_the_log_changed()
    {
        using var store = new EventStore(_folder.Path, Most);
        await store.Put(Batch("a", 1));
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(() =>
        {
            do
            {
                Assert.Null(store.Problem);
            }
            while (!stop.IsCancellationRequested);
        });
        for (var i = 0; i < 500; i++)
        {
            await store.Put(Batch($"u{i}", 2));
        }

        await stop.CancelAsync();
        await asking;
    }

    [Fact]
    public async Task A_workspace_tells_at_once_that_its_log_was_cut()
    {
        var catalog = new WorkspaceCatalog(_folder.Path);
        using var store = catalog.Events;
        await store.Put(Batch("a", 3));
        catalog.Look();
        Assert.Empty(catalog.Problems);
        File.WriteAllBytes(Segment, []);
        Assert.Contains(Segment, Assert.Single(catalog.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_ids_are_bounded_by_the_memory_that_they_take()
    {
        const int Small = 100_000;
        using var store = new EventStore(_folder.Path, Small);
        var error = await Assert.ThrowsAsync<ExhaustedException>(async () =>
        {
            for (var i = 0; i < 4_000; i++)
            {
                await store.Put(Batch($"{i}{new string('x', 60_000)}", 1));
            }
        });
        Assert.Contains("bytes", error.Message, StringComparison.Ordinal);
        Assert.InRange(store.Events!.Bytes, 1, EventStore.MostBytes(Small) + (1 << 20));
    }

    [Fact]
    public async Task Calls_beside_a_disk_that_hangs_hold_no_threads()
    {
        using var gate = new ManualResetEventSlim();
        using var store = new EventStore(_folder.Path, Most);
        await store.Put(Batch("a", 1));
        var hangs = new TaskCompletionSource();
        var hanging = Task.Run(() => store.Erase(_ =>
        {
            hangs.TrySetResult();
            gate.Wait();
            return false;
        }));
        await hangs.Task.WaitAsync(Patience);
        try
        {
            var calls = Task.Run(() =>
                Enumerable.Range(0, 1_500).Count(call =>
                {
                    try
                    {
                        _ = store.Put(Batch($"call{call}", 1));
                        return false;
                    }
                    catch (ExhaustedException)
                    {
                        return true;
                    }
                }));
            Assert.InRange(await calls.WaitAsync(Patience), 400, 500);
        }
        finally
        {
            gate.Set();
            await hanging;
        }
    }

    // The log of another engine.
    private static async Task<byte[]> Other(int rows)
    {
        using var folder = new TemporaryFolder();
        using (var store = new EventStore(folder.Path, Most))
        {
            await store.Put(Batch("x", rows));
        }

        return File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "events"), "*.events")));
    }

    private static EventBatch Batch(string user, int rows)
    {
        var batch = new EventBatch(user.Length > 100 ? "" : user, 1);
        for (var row = 0; row < rows; row++)
        {
            batch.Add($"{user}0", $"P{row}", EventType.View, 1, 18_000 * EventTime.OfDay);
        }

        return batch;
    }
}
