using Engine.Kernels.Search;
using Engine.Scoring.Hosting;
using Engine.Scoring.Models;
using Engine.Server.Configuration;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
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
            pins.Add(host.TryPin()!);

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
    public void The_last_lease_of_a_replaced_snapshot_unmaps_nothing_on_its_thread()
    {
        var ids = Enumerable.Range(1, 2).Select(seed => _directory.Publish(RandomSnapshot.Content(seed))).ToArray();
        var closing = new List<ScoringModel>();
        using (var host = new SnapshotHost(close: closing.Add))
        {
            host.Swap(new ScoringModel(_directory.Open(ids[0], SnapshotAccess.PrivateCopy)));
            using (var lease = host.Acquire())
            {
                host.Swap(new ScoringModel(_directory.Open(ids[1], SnapshotAccess.PrivateCopy)));
                Assert.Empty(closing);
            }

            Assert.Equal(ids[0], Assert.Single(closing).Snapshot.Id);
            Assert.Equal(2, Mapped());
        }

        // What the server does with it, on a thread of its own.
        closing.ForEach(ModelCloser.Close);
        Assert.True(SpinWait.SpinUntil(() => Mapped() == 0, TimeSpan.FromSeconds(30)));
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

    [Fact]
    public void A_canceled_load_ends_in_every_step_and_leaves_nothing()
    {
        var id = _directory.Publish(RandomSnapshot.Content(1));
        var gone = new CancellationToken(canceled: true);
        Throws(() => _directory.Open(id, SnapshotAccess.PrivateCopy, gone));
        Throws(() => _directory.Open(id, SnapshotAccess.InPlace, gone));
        using (var snapshot = _directory.Open(id))
        {
            Throws(() => snapshot.Verify(gone));
            Throws(() => TopKIndex.Build(snapshot.UserFactors, 0, gone));
        }

        Throws(() => _ = new ScoringModel(_directory.Open(id, SnapshotAccess.PrivateCopy), null, gone));
        Assert.Equal(0, Mapped());
        Assert.DoesNotContain(
            Directory.EnumerateFiles(_directory.Path), path => TemporaryFile.IsName(Path.GetFileName(path)));

        static void Throws(Action load) => Assert.ThrowsAny<OperationCanceledException>(load);
    }

    [Fact]
    public void A_model_whose_judge_fails_is_unmapped()
    {
        using var services =
            new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<ServerMetrics>()
                .BuildServiceProvider();
        var ids = Enumerable.Range(1, 3).Select(seed => _directory.Publish(RandomSnapshot.Content(seed))).ToArray();
        using var workspace = new Workspace(
            _directory,
            new ServerOptions { Snapshots = _folder.Path },
            services.GetRequiredService<ServerMetrics>(),
            (_, _, _) => { },
            NullLogger.Instance);
        workspace.Refresh();
        Assert.Equal(1, Mapped());
        File.WriteAllText(Path.Combine(_directory.Path, "policy.json"), "no policy");
        Assert.Throws<InputException>(() => workspace.Activator.Activate(ids[0], validateOnly: false, force: false));
        _directory.Activate(ids[1]);
        workspace.Refresh();
        Assert.Contains("policy.json", workspace.Problem, StringComparison.Ordinal);
        Assert.Equal(ids[2], workspace.ActiveId);
        Assert.Equal(1, Mapped());
    }

    // A private copy has no name any more: its old name is shown with a mark.
    private int Mapped() =>
        File.ReadAllLines("/proc/self/maps").Count(line => line.Contains(_folder.Path, StringComparison.Ordinal));
}
