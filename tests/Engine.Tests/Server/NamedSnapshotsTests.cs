using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Format;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>The bounded cache of snapshots that requests name, and the budget of the served ones.</summary>
public sealed class NamedSnapshotsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotDirectory _directory;
    private readonly string[] _ids;
    private readonly long _length;

    public NamedSnapshotsTests()
    {
        _directory = new SnapshotDirectory(_folder.Path);
        _ids = [.. Enumerable.Range(1, 3).Select(seed => _directory.Publish(RandomSnapshot.Content(seed)))];
        _length = _ids.Max(id => new FileInfo(_directory.FilePath(id)).Length);
    }

    [Fact]
    public void The_least_recently_used_one_is_closed_and_a_lease_outlives_it()
    {
        using var named = new NamedSnapshots(_directory, 2 * _length);
        var first = named.Pin(_ids[0]).Model;
        named.Acquire(_ids[1]).Dispose();
        Assert.Same(first, Model(named, _ids[0]));

        // The third pushes out the second: the first was used later.
        var second = Model(named, _ids[1]);
        Assert.Same(first, Model(named, _ids[0]));
        using var held = named.Pin(_ids[1]);
        Assert.Same(second, held.Model);
        Assert.Same(first, Model(named, _ids[0]));
        named.Acquire(_ids[2]).Dispose();
        Assert.Same(first, Model(named, _ids[0]));
        Assert.Equal(_ids[1], held.Model.Snapshot.Id);
        Assert.Equal(30, held.Model.Snapshot.ProductIds.Count);
        Assert.NotSame(second, Model(named, _ids[1]));
    }

    [Fact]
    public void What_cannot_be_opened_is_refused_and_not_kept()
    {
        using var named = new NamedSnapshots(_directory, _length);
        Assert.Throws<NotFoundException>(() => named.Acquire("20200101-n30-00000000").Dispose());
        var bytes = File.ReadAllBytes(_directory.FilePath(_ids[0]));
        bytes[^1] ^= 1;
        var path = _directory.FilePath(_ids[0]);
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
        Assert.Throws<SnapshotFormatException>(() => named.Acquire(_ids[0]).Dispose());
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        named.Acquire(_ids[0]).Dispose();
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_it_is_mapped()
    {
        using var none = new NamedSnapshots(_directory, 0);
        Assert.Contains(
            "--named-mebibytes",
            Assert.Throws<StateException>(() => none.Acquire(_ids[0]).Dispose()).Message,
            StringComparison.Ordinal);
        var loader = new SnapshotLoader(_directory, _length, (_, _, _) => { }, new RecentRequests(() => ForgottenUsers.None));
        loader.Load(_ids[0], activeId: null).Dispose();
        Assert.Contains(
            "--served-mebibytes",
            Assert.Throws<InputException>(() => loader.Load(_ids[0], _ids[1]).Dispose()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Who_is_forgotten_while_a_snapshot_is_opened_is_unknown_in_it()
    {
        var user = "";
        NamedSnapshots named = null!;
        using (named = new NamedSnapshots(_directory, _length, open: id =>
        {
            // The list is read when the file is opened, changes, and is told to all that are open.
            var snapshot = _directory.Open(id);
            user = snapshot.UserIds.Get(0);
            ForgottenUsers.Add(_directory.Path, user);
            named.Hide(ForgottenUsers.Read(_directory.Path));
            Assert.True(snapshot.FindUser(user) >= 0);
            return snapshot;
        }))
        {
            using var lease = named.Acquire(_ids[0]);
            Assert.True(lease.Model.Snapshot.FindUser(user) < 0);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Engine.Scoring.Models.ScoringModel Model(NamedSnapshots named, string id)
    {
        using var lease = named.Acquire(id);
        return lease.Model;
    }
}
