using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

/// <summary>What killed writers left behind goes; what belongs to somebody stays.</summary>
public sealed class LeftoversTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Only_old_temporary_files_without_a_writer_are_deleted()
    {
        using var folder = new TemporaryFolder();
        var (old, young, held) =
            (Make(folder.Path, minutes: 10), Make(folder.Path, minutes: 0), Make(folder.Path, minutes: 10));
        var others = new[] { "result.csv.partial", ".hidden", ".0123.partial" }
            .Select(name => Path.Combine(folder.Path, name))
            .ToArray();
        foreach (var other in others)
        {
            File.WriteAllText(other, "x");
            File.SetLastWriteTimeUtc(other, Now.UtcDateTime.AddDays(-1));
        }

        using (new FileStream(held, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            File.SetLastWriteTimeUtc(held, Now.UtcDateTime.AddMinutes(-10));
            Assert.Equal([(old, 3L)], Leftovers.Sweep(folder.Path, Now));
        }

        Assert.Equal([(held, 3L)], Leftovers.Sweep(folder.Path, Now));
        Assert.Equal(
            others.Append(young).Order(StringComparer.Ordinal),
            Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
        Assert.Empty(Leftovers.Sweep(Path.Combine(folder.Path, "missing"), Now));
    }

    [Fact]
    public void A_lock_has_one_holder_and_ends_with_it()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "new", ".lock");
        using (WriterLock.Take(path))
        {
            Assert.Null(WriterLock.TryTake(path));
        }

        using var again = WriterLock.TryTake(path);
        Assert.NotNull(again);
    }

    private static string Make(string folder, int minutes)
    {
        var path = TemporaryFile.In(folder);
        File.WriteAllText(path, "abc");
        File.SetLastWriteTimeUtc(path, Now.UtcDateTime.AddMinutes(-minutes));
        return path;
    }
}
