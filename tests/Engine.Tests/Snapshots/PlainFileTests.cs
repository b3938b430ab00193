using System.Diagnostics;
using Engine.Server.Access;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

/// <summary>What stands where a file is expected: nothing waits for it, and nothing is read of it.</summary>
public sealed class PlainFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotDirectory _directory;
    private readonly string _current;
    private readonly string _id;

    public PlainFileTests()
    {
        _directory = new SnapshotDirectory(_folder.Path);
        _id = _directory.Publish(RandomSnapshot.Content(41));
        _current = Path.Combine(_directory.Path, "CURRENT");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(256)]
    [InlineData(5_000)]
    public void A_name_that_no_file_can_have_is_that_of_no_file(int letters)
    {
        var name = new string('x', letters);
        Assert.Null(FileStamp.Of(Path.Combine(_folder.Path, name)));
        Assert.Throws<NotFoundException>(() => new TaskStore(_directory.Path).Get(name));
        Assert.Throws<NotFoundException>(() => new TaskStore(_directory.Path).Question(name));
    }

    [Theory]
    [InlineData("pipe", "a pipe, socket or device")]
    [InlineData("folder", "a folder")]
    [InlineData("link", "a symbolic link")]
    [InlineData("device", "a symbolic link")]
    [InlineData("large", "bytes, expected at most")]
    public void Current_that_is_no_small_file_is_refused(string what, string found)
    {
        Replace(_current, what);
        Assert.Contains(
            found, Assert.Throws<InputException>(() => _directory.ReadCurrent()).Message, StringComparison.Ordinal);

        // HISTORY, too, stops a rollback; a publication replaces it.
        var history = Path.Combine(_directory.Path, "HISTORY");
        Replace(history, what);
        Assert.Contains(
            found, Assert.Throws<InputException>(() => _directory.Previous()).Message, StringComparison.Ordinal);
        if (what != "folder")
        {
            _directory.Activate(_id);
            Assert.Equal(_id, _directory.ReadCurrent());
            Assert.Equal([_id], File.ReadAllLines(history));
        }
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("folder")]
    [InlineData("large")]
    public void What_is_watched_holds_nobody_up(string what)
    {
        var policy = Path.Combine(_directory.Path, "policy.json");
        Directory.CreateDirectory(Path.Combine(_directory.Path, "forgotten"));
        Action[] reads =
        [
            Of(policy, () => PolicyFile.Read(policy)),
            Of(Path.Combine(_directory.Path, SnapshotDirectory.PassedName), () => _directory.Passed()),
            Of(Path.Combine(_directory.Path, "forgotten", "users"), () => ForgottenUsers.Read(_directory.Path)),
            Of(_folder.File("keys.json"), () => new WatchedFile(_folder.File("keys.json")).Read()),
        ];
        Assert.All(reads, read => Assert.Throws<InputException>(read));

        Action Of(string path, Func<object?> read)
        {
            Replace(path, what);
            return () => read();
        }
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("folder")]
    [InlineData("link")]
    public void A_snapshot_that_is_no_file_is_refused_and_not_listed(string what)
    {
        Replace(_directory.FilePath(_id), what);
        Assert.Contains(
            "expected a snapshot file",
            Assert.Throws<InputException>(() => _directory.Open(_id)).Message,
            StringComparison.Ordinal);
        Assert.Empty(_directory.List());
    }

    [Fact]
    public void Links_and_stray_folders_are_no_workspaces()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "stray", "photos"));
        File.WriteAllText(Path.Combine(_folder.Path, "stray", "notes.txt"), "");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "linked"), _directory.Path);
        Assert.Equal(["default"], SnapshotDirectory.Workspaces(_folder.Path));
        Assert.Throws<InputException>(() => new SnapshotDirectory(_folder.Path, "linked").ReadCurrent());
        Assert.Throws<InputException>(
            () => new SnapshotDirectory(_folder.Path, "linked").Publish(RandomSnapshot.Content(42)));
        Assert.Equal([_id], _directory.List());
    }

    [Fact]
    public void A_stamp_tells_every_change()
    {
        var path = _folder.File("stamped");
        File.WriteAllText(path, "one");
        var time = File.GetLastWriteTimeUtc(path);
        var stamps = new List<FileStamp?> { FileStamp.Of(path) };
        Assert.Equal(stamps[0], FileStamp.Of(path));
        Change(() => File.WriteAllText(path, "two"));
        Change(() => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Change(() =>
        {
            File.WriteAllText(path + ".new", "two");
            File.Move(path + ".new", path, overwrite: true);
        });
        Change(() => File.Delete(path));
        Assert.Equal(stamps.Count, stamps.Distinct().Count());

        void Change(Action change)
        {
            // The clock of a file system ticks every few milliseconds.
            Thread.Sleep(20);
            change();
            if (File.Exists(path))
            {
                File.SetLastWriteTimeUtc(path, time);
            }

            stamps.Add(FileStamp.Of(path));
        }
    }

    private static void Replace(string path, string what)
    {
        File.Delete(path);
        switch (what)
        {
            case "pipe":
                using (var make = Process.Start("mkfifo", [path]))
                {
                    make.WaitForExit();
                }

                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "link":
                File.WriteAllText(path + ".target", "20200101-n30-00000000\n");
                File.CreateSymbolicLink(path, path + ".target");
                break;
            case "device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            default:
                using (var sparse = File.Create(path))
                {
                    sparse.SetLength(3L << 30);
                }

                break;
        }
    }
}
