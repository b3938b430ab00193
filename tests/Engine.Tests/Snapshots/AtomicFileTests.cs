using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public class AtomicFileTests
{
    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.File("new"), "file");
        AtomicFile.Write(path, stream => stream.WriteByte(1));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(2);
            throw new InvalidOperationException();
        }));
        Assert.Equal([1], File.ReadAllBytes(path));
        AtomicFile.Write(path, stream => stream.WriteByte(3));
        Assert.Equal([3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_private_file_is_private_before_its_first_byte()
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var folder = new TemporaryFolder();
        var found = UnixFileMode.None;
        AtomicFile.WritePrivate(folder.File("key"), _ => found = OperatingSystem.IsWindows()
            ? Owner
            : File.GetUnixFileMode(Directory.GetFiles(folder.Path).Single()));
        Assert.Equal(Owner, found);
    }
}
