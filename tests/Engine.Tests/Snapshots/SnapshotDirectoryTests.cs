using Engine.Snapshots;
using Engine.Snapshots.Format;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public class SnapshotDirectoryTests
{
    [Fact]
    public void Publishing_names_the_file_by_its_content_and_moves_current()
    {
        using var folder = new TemporaryFolder();
        var directory = new SnapshotDirectory(folder.Path);
        Assert.Null(directory.ReadCurrent());
        var first = directory.Publish(RandomSnapshot.Content(41));
        var second = directory.Publish(RandomSnapshot.Content(42));
        Assert.Equal(second, directory.ReadCurrent());
        Assert.Equal(first, directory.Publish(RandomSnapshot.Content(41)));
        Assert.Equal(first, directory.ReadCurrent());
        Assert.Equal(new[] { first, second }.OrderDescending(StringComparer.Ordinal), directory.List());
        Assert.Equal([SnapshotDirectory.DefaultWorkspace], SnapshotDirectory.Workspaces(folder.Path));
        using var snapshot = directory.Open(second);
        Assert.Equal(second, snapshot.Id);
    }

    [Fact]
    public void A_refused_content_leaves_everything_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var directory = new SnapshotDirectory(folder.Path);
        var first = directory.Publish(RandomSnapshot.Content(41));
        var bad = RandomSnapshot.Content(42);
        bad.UserFactors.Row(0)[0] = float.NaN;
        Assert.Throws<InputException>(() => directory.Publish(bad));
        Assert.Equal(first, directory.ReadCurrent());
        Assert.Equal(
            [".lock", $"{first}.snapshot", "CURRENT", "HISTORY"],
            Directory.GetFiles(directory.Path).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_one_before_is_known_after_a_restart_and_survives_pruning()
    {
        using var folder = new TemporaryFolder();
        var directory = new SnapshotDirectory(folder.Path);
        Assert.Null(directory.Previous());
        var ids = Enumerable.Range(41, 4).Select(seed => directory.Publish(RandomSnapshot.Content(seed))).ToArray();
        for (var i = 0; i < ids.Length; i++)
        {
            File.SetLastWriteTimeUtc(
                directory.FilePath(ids[i]), new DateTime(2021, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.Equal(ids[2], new SnapshotDirectory(folder.Path).Previous());
        directory.Activate(ids[0]);
        Assert.Equal(ids[3], directory.Previous());
        directory.Activate(ids[3]);
        Assert.Equal(ids[0], directory.Previous());
        directory.Activate(ids[0]);

        // The served one and the one that a rollback activates stay, whatever their age; then the newest.
        File.WriteAllText(Path.Combine(directory.Path, SnapshotDirectory.PassedName), ids[2]);
        Assert.Equal([ids[1]], directory.Prune(3));
        Assert.Empty(directory.Prune(1));
        File.Delete(Path.Combine(directory.Path, SnapshotDirectory.PassedName));
        Assert.Equal([ids[2]], directory.Prune(1));
        Assert.Equal(new[] { ids[0], ids[3] }.OrderDescending(StringComparer.Ordinal), directory.List());
        Assert.Throws<InputException>(() => directory.Prune(0));

        File.Delete(directory.FilePath(ids[3]));
        Assert.Null(directory.Previous());
        File.WriteAllText(Path.Combine(directory.Path, "CURRENT"), "no id at all");
        Assert.Equal(ids[0], directory.Previous());
        directory.Activate(ids[0]);
        Assert.Equal(ids[0], directory.ReadCurrent());
    }

    [Fact]
    public void A_file_under_another_ones_name_is_refused()
    {
        using var folder = new TemporaryFolder();
        var directory = new SnapshotDirectory(folder.Path);
        var first = directory.Publish(RandomSnapshot.Content(41));
        File.Copy(directory.FilePath(first), directory.FilePath("20210801-n60-00000000"));
        var error = Assert.Throws<SnapshotFormatException>(() => directory.Open("20210801-n60-00000000"));
        Assert.Contains($"found snapshot {first} in it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../default")]
    [InlineData("")]
    [InlineData("a/b")]
    public void Names_that_leave_the_folder_are_refused(string name)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<InputException>(() => new SnapshotDirectory(folder.Path, name));
        Assert.Throws<InputException>(() => new SnapshotDirectory(folder.Path).FilePath(name));
    }

    [Fact]
    public void A_current_file_with_nonsense_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var directory = new SnapshotDirectory(folder.Path);
        directory.Publish(RandomSnapshot.Content(41));
        File.WriteAllText(Path.Combine(directory.Path, "CURRENT"), "../../etc/passwd");
        var error = Assert.Throws<InputException>(() => directory.ReadCurrent());
        Assert.Contains("expected a snapshot id", error.Message, StringComparison.Ordinal);
    }
}
