using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>How many snapshots stay mapped, by the operating system's own list.</summary>
public sealed class MappingCountTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotDirectory _directory;

    public MappingCountTests() => _directory = new SnapshotDirectory(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Streams_keep_two_replaced_snapshots_mapped_and_the_older_ones_are_told_to_end()
    {
        var ids = Enumerable.Range(1, 9).Select(seed => _directory.Publish(RandomSnapshot.Content(seed))).ToArray();
        var retired = new RetiredModels(bound: 2);
        using var host = new SnapshotHost(retired);
        var pins = new List<ModelPin>();
        foreach (var id in ids)
        {
            host.Swap(new ScoringModel(_directory.Open(id, SnapshotAccess.PrivateCopy)));
            pins.Add(host.Pin());

            // What a stream does that is told to end.
            foreach (var told in pins.Where(pin => pin.Replaced.IsCompleted).ToArray())
            {
                pins.Remove(told);
                told.Dispose();
            }

            Assert.True(retired.Count <= 2);
            Assert.Equal(Math.Min(3, pins.Count), Mapped());
        }

        Assert.Equal(ids[^3..], pins.Select(pin => pin.Model.Snapshot.Id));
        pins.ForEach(pin => pin.Dispose());
        Assert.Equal(1, Mapped());
    }

    [Fact]
    public void A_snapshot_that_is_evicted_while_it_loads_is_unmapped()
    {
        var ids = Enumerable.Range(1, 4).Select(seed => _directory.Publish(RandomSnapshot.Content(seed, users: 400)))
            .ToArray();
        var length = ids.Max(id => new FileInfo(_directory.FilePath(id)).Length);
        using (var named = new NamedSnapshots(_directory, length))
        {
            var threads = Enumerable.Range(0, 4).Select(thread => new Thread(() =>
            {
                for (var i = 0; i < 40; i++)
                {
                    var id = ids[(i + thread) % ids.Length];
                    using var lease = named.Acquire(id);
                    Assert.Equal(id, lease.Model.Snapshot.Id);
                }
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.InRange(Mapped(), 0, 1);
        }

        Assert.Equal(0, Mapped());
    }

    // A private copy has no name any more: its old name is shown with a mark.
    private int Mapped() =>
        File.ReadAllLines("/proc/self/maps").Count(line => line.Contains(_folder.Path, StringComparison.Ordinal));
}
