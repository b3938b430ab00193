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
                default:
                    AtomicFile.Write(path, stream => stream.Write(bytes.AsSpan(0, 16)));
                    break;
            }

            Assert.Contains(path, store.Problem, StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<IOException>(() => store.Put(Batch("b", 2)));
            Assert.Equal((3, 3), (store.View().Version, store.Events!.Count));
            AtomicFile.Write(path, stream => stream.Write(bytes));
            Assert.Null(store.Problem);
            Assert.Equal(new AcceptedBatch(2, 5, false), await store.Put(Batch("b", 2)));
        }

        using var again = new EventStore(_folder.Path, Most);
        again.TryOpen();
        Assert.Equal((null, 5), (again.Problem, again.Events!.Count));
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
        var hanging = Task.Run(() => store.Erase(_ =>
        {
            gate.Wait();
            return false;
        }));
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
