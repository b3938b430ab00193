using Engine.Scoring.Events;
using Engine.Scoring.Pools;
using Engine.Server.Backups;
using Engine.Server.Catalog;
using Engine.Server.Events;
using Engine.Server.Forgetting;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>A backup is whole or refused; what is restored is what was backed up, complete or not at all.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _root;
    private readonly string _file;
    private readonly SnapshotDirectory _directory;
    private readonly string[] _ids;

    public BackupTests()
    {
        (_root, _file) = (_folder.File("root"), _folder.File("backup.tar"));
        _directory = new SnapshotDirectory(_root);
        _ids = [.. Enumerable.Range(1, 4).Select(seed => _directory.Publish(RandomSnapshot.Content(seed)))];
        StoredTasks.Add(_directory, "1", _ids[1], ended: null, bytes: 10);
        StoredTasks.Add(_directory, "2", _ids[0], ended: 1, bytes: 10, users: ["u1", "u2", "u3"]);
        var catalog = new WorkspaceCatalog(_directory.Path);
        catalog.Pools.Save(new PoolDefinition("p", "price < 1", [], 0));
        catalog.Pools.Save(new PoolDefinition("p", "price < 2", [], 0));
        catalog.Audiences.Save("some", "member", "test", ["u1", "u2", "u3"]);
        catalog.Blocked.Change(false, [], ["b"]);
        ForgottenUsers.Add(_directory.Path, "gone");
        File.WriteAllText(Path.Combine(_directory.Path, "MODEL.json"), "{}");
        Directory.CreateDirectory(Path.Combine(_directory.Path, "CHECKPOINTS"));
        File.WriteAllText(Path.Combine(_directory.Path, "CHECKPOINTS", "1"), "large");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tasks_of_a_cluster_are_in_it_and_what_ties_a_folder_to_one_is_not()
    {
        // As a node has it: the tasks are in a shared folder.
        var shared = _folder.File("shared");
        Directory.Move(Path.Combine(_directory.Path, "tasks"), shared);
        File.WriteAllText(Path.Combine(_directory.Path, "tasks.at"), shared + "\n");
        File.WriteAllText(Path.Combine(_directory.Path, "CLUSTER"), "shop");
        File.WriteAllText(Path.Combine(_directory.Path, "CURRENT.cluster"), "{}");
        Write();
        Restore("new").Run(null, keys: false);
        var restored = new SnapshotDirectory(_folder.File("new")).Path;
        Assert.Equal(["1", "2"], new TaskStore(restored).Load([]).Select(task => task.Id));
        Assert.Equal(Path.Combine(restored, "tasks"), Path.GetDirectoryName(Directory.GetDirectories(
            Path.Combine(restored, "tasks"))[0]));
        Assert.All(
            ["tasks.at", "CLUSTER", "CURRENT.cluster"], name => Assert.False(File.Exists(Path.Combine(restored, name))));
    }

    [Fact]
    public void What_is_needed_comes_back_with_its_content_rights_and_times()
    {
        var manifest = Write();
        Assert.Equal(["default"], manifest.Workspaces);
        var restored = Restore("new").Run(null, keys: false);
        Assert.Equal(3, restored.Snapshots);
        var directory = new SnapshotDirectory(_folder.File("new"));

        // CURRENT, the rollback target and the snapshot of the waiting task.
        Assert.Equal(new[] { _ids[3], _ids[2], _ids[1] }.Order(), directory.List().Order());
        Assert.Equal((_ids[3], _ids[2]), (directory.ReadCurrent(), directory.Previous()));
        foreach (var file in manifest.Files)
        {
            var (before, after) = (Path.Combine(_root, file.Name), Path.Combine(_folder.File("new"), file.Name));
            Assert.Equal(File.ReadAllBytes(before), File.ReadAllBytes(after));
            Assert.Equal(ModeOf(before), ModeOf(after));
            Assert.Equal(File.GetLastWriteTimeUtc(before), File.GetLastWriteTimeUtc(after), TimeSpan.FromSeconds(1));
        }

        Assert.False(Directory.Exists(Path.Combine(directory.Path, "CHECKPOINTS")));
        Assert.Equal(
            ModeOf(Path.Combine(_directory.Path, "forgotten")), ModeOf(Path.Combine(directory.Path, "forgotten")));
        var catalog = new WorkspaceCatalog(directory.Path);
        Assert.Equal("price < 1", catalog.Pools.Get("p", 1).Rule);
        Assert.Equal(["u1", "u2", "u3"], catalog.Audiences.Ids("some"));
        Assert.True(ForgottenUsers.Read(directory.Path).Contains("gone"));

        // A task that has not ended starts again from the beginning.
        var tasks = new TaskStore(directory.Path);
        Assert.Equal(["1", "2"], tasks.Load([]).Select(task => task.Id));
        Assert.False(File.Exists(tasks.ResultPath("1")));
        Assert.True(File.Exists(tasks.ResultPath("2")));
        Assert.Equal(["new"], Directory.GetFileSystemEntries(_folder.Path, "new*").Select(Path.GetFileName));
        Assert.Equal(["default"], Directory.GetFileSystemEntries(_folder.File("new")).Select(Path.GetFileName));
    }

    [Fact]
    public void All_snapshots_and_keys_are_in_it_when_they_are_asked_for()
    {
        var keys = Path.Combine(_root, ".access", "keys.json");
        Assert.Throws<InputException>(() => Write(keys: true));
        Directory.CreateDirectory(Path.GetDirectoryName(keys)!);
        File.WriteAllText(keys, "{}");
        Write(allSnapshots: true, keys: true);
        Assert.Equal(_ids.Length, Restore("without").Run("default", keys: false).Snapshots);
        Assert.False(Directory.Exists(Path.Combine(_folder.File("without"), ".access")));
        Restore("with").Run(null, keys: true);
        Assert.Equal("{}", File.ReadAllText(Path.Combine(_folder.File("with"), ".access", "keys.json")));
    }

    [Fact]
    public void A_task_that_comes_later_is_not_in_it_since_its_snapshot_would_not_be()
    {
        var writing = new Thread(() => Write());
        using (WriterLock.Take(Path.Combine(_directory.Path, "pools", ".lock")))
        {
            // The tasks are listed before the snapshots are written, and those before the pools.
            writing.Start();
            Assert.True(SpinWait.SpinUntil(
                () => Directory.GetFiles(_folder.Path, "*.partial").Any(file => new FileInfo(file).Length > 0),
                TimeSpan.FromMinutes(1)));
            Assert.False(writing.Join(TimeSpan.FromMilliseconds(100)));
            StoredTasks.Add(_directory, "3", _ids[0], ended: null);
        }

        writing.Join();
        Restore("new").Run(null, keys: false);
        var restored = new SnapshotDirectory(_folder.File("new"));
        Assert.Equal(["1", "2"], new TaskStore(restored.Path).Load([]).Select(task => task.Id));
        Assert.All(
            new TaskStore(restored.Path).Load([]).Where(task => !task.HasEnded),
            task => Assert.Contains(task.SnapshotId, restored.List()));
    }

    [Fact]
    public async Task Acknowledged_events_come_back_though_an_engine_writes_and_nobody_comes_back_who_was_forgotten()
    {
        using (var store = new EventStore(_directory.Path, mostEvents: 100))
        {
            await store.Put(Batch("stays"));
            await store.Put(Batch("gone"));

            // A record that is being written.
            var log = Assert.Single(Directory.GetFiles(Path.Combine(_directory.Path, "events"), "*.events"));
            File.AppendAllBytes(log, [200, 0, 0, 0, 1]);
            Write();
        }

        Restore("new").Run(null, keys: false);
        var restored = new SnapshotDirectory(_folder.File("new")).Path;
        var copy = Assert.Single(Directory.GetFiles(Path.Combine(restored, "events"), "*.events"));
        Assert.Equal(-1, File.ReadAllBytes(copy).AsSpan().IndexOf("gone"u8));
        using var again = new EventStore(restored, mostEvents: 100);
        again.TryOpen();
        Assert.Null(again.Problem);
        Assert.Equal((2, 1, 0), (again.View().Version, again.Events!.CountOf("stays"), again.Events.CountOf("gone")));

        static EventBatch Batch(string user)
        {
            var batch = new EventBatch($"{user.Length}", digest: 1);
            batch.Add(user, "P1", EventType.View, 1, 18_000 * EventTime.OfDay);
            return batch;
        }
    }

    [Fact]
    public void Nothing_is_overwritten_unless_it_is_asked_for_and_then_the_earlier_folder_is_kept()
    {
        Write();
        Assert.Contains("exists", Assert.Throws<InputException>(() => Write()).Message, StringComparison.Ordinal);
        _directory.Activate(_ids[0]);
        var before = Names(_root);
        Assert.Contains(
            "--replace",
            Assert.Throws<InputException>(() => Restore("root").Run(null, false)).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, Names(_root));
        Assert.Equal(_ids[0], _directory.ReadCurrent());

        using (new TaskStore(_directory.Path).TryLock())
        {
            Assert.Contains(
                "running engine",
                Assert.Throws<InputException>(() => Restore("root", replace: true).Run(null, false)).Message,
                StringComparison.Ordinal);
        }

        // As every node of a cluster does, which runs the tasks without that lock.
        using (ServedLock.TryShare(_directory.Path))
        {
            Assert.Contains(
                "running engine",
                Assert.Throws<InputException>(() => Restore("root", replace: true).Run(null, false)).Message,
                StringComparison.Ordinal);
        }

        var replaced = Assert.Single(Restore("root", replace: true).Run(null, false).Replaced);
        Assert.Equal(_ids[3], _directory.ReadCurrent());
        Assert.Equal(_ids[0], File.ReadAllText(Path.Combine(replaced, "CURRENT")).Trim());
        Assert.Equal(["default"], SnapshotDirectory.Workspaces(_root));
    }

    [Fact]
    public void There_is_a_whole_workspace_at_every_moment_of_a_restore()
    {
        Write();
        var hasEnded = false;
        var missing = 0;
        var watching = new Thread(() =>
        {
            while (!Volatile.Read(ref hasEnded))
            {
                missing += File.Exists(Path.Combine(_directory.Path, "CURRENT")) ? 0 : 1;
            }
        });
        watching.Start();
        for (var i = 0; i < 10; i++)
        {
            Restore("root", replace: true).Run(null, false);
        }

        Volatile.Write(ref hasEnded, true);
        watching.Join();
        Assert.Equal(0, missing);
        Assert.Equal(10, Directory.GetDirectories(_root, ".replaced-*").Length);
        Assert.Empty(Directory.GetFileSystemEntries(_root, ".restore-*"));
    }

    [Fact]
    public void What_killed_restores_and_backups_left_behind_is_deleted_but_not_what_one_works_on()
    {
        string[] left = [_folder.File("new/.restore-1"), _folder.File("new/.restore-2")];
        Assert.All(left, folder => Directory.CreateDirectory(Path.Combine(folder, "default")));
        Assert.All(left, folder => File.WriteAllText(folder + ".lock", ""));
        var half = _folder.Write($".{Guid.NewGuid():N}.partial", "half a backup");
        File.SetLastWriteTimeUtc(half, DateTime.UnixEpoch);
        Write();
        Assert.False(File.Exists(half));
        using (WriterLock.Take(left[1] + ".lock"))
        {
            Restore("new").Run(null, keys: false);
            Assert.Equal(".restore-2 .restore-2.lock default", string.Join(' ', Names(_folder.File("new"))));
        }

        Restoration.Sweep(_folder.File("new"));
        Assert.Equal("default", string.Join(' ', Names(_folder.File("new"))));
        Restoration.Sweep(_folder.File("nothing"));
    }

    [Fact]
    public void Whoever_was_forgotten_after_the_backup_stays_forgotten()
    {
        Write();
        Erasure.Run(new WorkspaceCatalog(_directory.Path), "u2");
        Restore("root", replace: true).Run(null, false);
        var forgotten = ForgottenUsers.Read(_directory.Path);
        Assert.True(forgotten.Contains("u2") && forgotten.Contains("gone"));
        Assert.Equal(["u1", "u3"], new WorkspaceCatalog(_directory.Path).Audiences.Ids("some"));
        Assert.Equal(["u1", "u3"], new TaskStore(_directory.Path).Users("2"));
    }

    [Fact]
    public void A_backup_that_was_cut_or_changed_anywhere_is_refused_and_nothing_is_left_of_it()
    {
        Write();
        var sound = File.ReadAllBytes(_file);
        var random = new Random(1);
        for (var i = 0; i < 60; i++)
        {
            var bytes = sound[..(i % 2 == 0 ? random.Next(sound.Length - 2048) : sound.Length)];
            if (bytes.Length == sound.Length)
            {
                // Not in the two empty blocks behind the last entry.
                bytes[random.Next(sound.Length - 2048)] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(_file, bytes);
            try
            {
                // A changed byte that nothing depends on, such as padding, is no damage.
                var manifest = BackupReader.Read(_file);
                Assert.True(i % 2 == 1 && manifest.Files.Count > 0, $"case {i}");
            }
            catch (InputException)
            {
                Assert.Throws<InputException>(() => Restore("new").Run(null, false));
                Assert.Empty(Directory.GetFileSystemEntries(_folder.File("new")));
            }
        }
    }

    private BackupManifest Write(bool allSnapshots = false, bool keys = false) => Backup.Write(
        _file, _root, ["default"], new BackupContent(allSnapshots, keys), TimeProvider.System.GetUtcNow());

    private Restoration Restore(string root, bool replace = false) => new(_file, _folder.File(root), replace);

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);

    private static string?[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)];
}
