using Engine.Server.Configuration;
using Engine.Server.Retention;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>What a sweep deletes, and what it never deletes.</summary>
public sealed class RetentionTests : IDisposable
{
    private const int Published = 7;

    // The files of the test are minutes old: for the sweep they are not.
    private static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow().AddHours(2);

    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotDirectory _directory;
    private readonly string[] _ids;
    private readonly long _length;

    public RetentionTests()
    {
        _directory = new SnapshotDirectory(_folder.Path);
        _ids = [.. Enumerable.Range(1, Published).Select(seed => _directory.Publish(RandomSnapshot.Content(seed)))];
        _length = _ids.Max(id => new FileInfo(_directory.FilePath(id)).Length);
        for (var i = 0; i < Published; i++)
        {
            // A minute between two, so that no two have one time.
            File.SetLastWriteTimeUtc(_directory.FilePath(_ids[i]), DateTime.UnixEpoch.AddMinutes(i));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Snapshots_are_kept_by_number_and_those_that_something_needs_besides()
    {
        File.WriteAllText(Path.Combine(_directory.Path, "policy.json"), "{}");
        new PolicyFile(_directory.Path).Approve(_ids[0]);
        StoredTasks.Add(_directory, "1", _ids[1], ended: null);
        StoredTasks.Add(_directory, "2", _ids[2], ended: 1);
        var options = new RetentionOptions { KeptSnapshots = 6 };

        // CURRENT and the rollback target are the last two.
        var sweep = WorkspaceSweep.Plan(_directory, options, Later, served: _ids[3]);
        Assert.Equal([_ids[2]], sweep.Snapshots);
        sweep.Apply(_folder.Path, _directory);
        Assert.Equal(_ids.Except([_ids[2]]).Order(), _directory.List().Order());
        options.KeptSnapshots = 1;
        sweep = WorkspaceSweep.Plan(_directory, options, Later, served: _ids[3]);
        Assert.Equal([_ids[4]], sweep.Snapshots);
        sweep.Apply(_folder.Path, _directory);
        Assert.Equal((_ids[6], _ids[5]), (_directory.ReadCurrent(), _directory.Previous()));
        Assert.Equal(new[] { _ids[0], _ids[1], _ids[3], _ids[5], _ids[6] }.Order(), _directory.List().Order());
        Assert.True(WorkspaceSweep.Plan(_directory, options, Later, served: _ids[3]).IsEmpty);
    }

    [Fact]
    public void Snapshots_are_kept_by_bytes_too_and_0_keeps_all()
    {
        var options = new RetentionOptions { KeptSnapshotMebibytes = 1 };
        Assert.True(WorkspaceSweep.Plan(_directory, options, Later).IsEmpty);
        Assert.Equal([_ids[3], _ids[2], _ids[1], _ids[0]], _directory.Excess(Published, 3 * _length));
        options.KeptSnapshotMebibytes = 0;
        options.KeptTasks = 1;
        Assert.True(WorkspaceSweep.Plan(_directory, options, Later).IsEmpty);
    }

    [Fact]
    public void A_snapshot_that_was_put_there_a_moment_ago_stays_whatever_the_time_of_its_content()
    {
        var now = TimeProvider.System.GetUtcNow();
        Assert.Empty(WorkspaceSweep.Plan(_directory, new RetentionOptions { KeptSnapshots = 1 }, now).Snapshots);
    }

    [Fact]
    public void A_snapshot_that_became_CURRENT_after_the_plan_stays()
    {
        var sweep = WorkspaceSweep.Plan(_directory, new RetentionOptions { KeptSnapshots = 2 }, Later);
        _directory.Activate(_ids[0]);
        sweep.Apply(_folder.Path, _directory);
        Assert.Contains(_ids[0], _directory.List());
    }

    [Fact]
    public void What_comes_while_a_sweep_waits_for_the_lock_stays()
    {
        var sweep = WorkspaceSweep.Plan(_directory, new RetentionOptions { KeptSnapshots = 2 }, Later);
        Assert.Contains(_ids[0], sweep.Snapshots);
        var arrived = _directory.FilePath("20240101-n1-00000000");
        var applying = new Thread(() => sweep.Apply(_folder.Path, _directory));
        using (WriterLock.Take(Path.Combine(_directory.Path, ".lock")))
        {
            applying.Start();
            Assert.False(applying.Join(TimeSpan.FromMilliseconds(300)));
            File.Copy(_directory.FilePath(_ids[6]), arrived);
            StoredTasks.Add(_directory, "1", _ids[0], ended: null);
        }

        applying.Join();
        Assert.True(File.Exists(arrived));
        Assert.Contains(_ids[0], _directory.List());
        Assert.DoesNotContain(_ids[1], _directory.List());
    }

    [Fact]
    public void Ended_tasks_are_kept_by_number_and_by_bytes_and_unfinished_ones_always()
    {
        const int Mebibyte = 1 << 20;
        var store = new TaskStore(_directory.Path);
        StoredTasks.Add(_directory, "1", _ids[6], ended: null);
        StoredTasks.Add(_directory, "2", _ids[6], ended: 2, Mebibyte);
        StoredTasks.Add(_directory, "3", _ids[6], ended: 4, Mebibyte);
        StoredTasks.Add(_directory, "4", _ids[6], ended: 3, Mebibyte);
        Assert.Equal(["2"], Plan(new() { KeptTasks = 2 }).Tasks);
        Assert.Equal(["4", "2"], Plan(new() { KeptTasks = 2, KeptTaskMebibytes = 2 }).Tasks);
        Assert.Empty(Plan(new() { KeptTaskMebibytes = 4 }).Tasks);
        Assert.Empty(Plan(new() { KeptSnapshots = 1 }).Tasks);
        Plan(new() { KeptTasks = 2 }).Apply(_folder.Path, _directory);
        Assert.Equal(["1", "3", "4"], store.Load([]).Select(task => task.Id));
        WorkspaceSweep Plan(RetentionOptions options) => WorkspaceSweep.Plan(_directory, options, Later);
    }

    [Fact]
    public void An_engine_outside_the_cluster_deletes_none_of_its_tasks()
    {
        StoredTasks.Add(_directory, "1", _ids[6], ended: 1);
        StoredTasks.Add(_directory, "2", _ids[6], ended: 2);
        var options = new RetentionOptions { KeptTasks = 1 };
        Assert.Equal(["1"], WorkspaceSweep.Plan(_directory, options, Later).Tasks);
        File.WriteAllText(Path.Combine(_directory.Path, "tasks.at"), Path.Combine(_directory.Path, "tasks") + "\n");
        Assert.Empty(WorkspaceSweep.Plan(_directory, options, Later).Tasks);
    }
}
