using Engine.Snapshots.Writing;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>A batch whose program is killed in its middle, as the operating system kills: without a word.</summary>
public sealed class KilledBatchTests
{
    /// <summary>What a shell says of a program that SIGXFSZ ended: 128 + 25.</summary>
    private const int KilledAtLimit = 128 + 25;

    [Theory]
    [InlineData(".csv")]
    [InlineData(".parquet")]
    public async Task Run_again_it_goes_on_and_writes_the_same_bytes(string extension)
    {
        using var folder = new TemporaryFolder();
        var snapshot = folder.File("users.snapshot");
        SnapshotWriter.Write(snapshot, RandomSnapshot.Content(seed: 6, users: 6_000, products: 400));
        var (whole, killed) = (folder.File("whole" + extension), folder.File("killed" + extension));
        await Batch(snapshot, whole);

        // The kernel kills it at the byte where its file would grow past the limit: of 3 parts, in the middle of the
        // second.
        var limit = new FileInfo(whole).Length * 9 / 16;
        var end = await ProgramOutput.OfEngineWithin(limit, Arguments(snapshot, killed));
        Assert.Equal(KilledAtLimit, end.ExitCode);
        Assert.False(File.Exists(killed));
        Assert.Equal(limit, new FileInfo(killed + ".partial").Length);
        var output = await Batch(snapshot, killed);
        Assert.Contains("resumed from an earlier run", output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(whole), await File.ReadAllBytesAsync(killed));
        Assert.False(File.Exists(killed + ".partial") || File.Exists(killed + ".journal"));
    }

    private static string[] Arguments(string snapshot, string file) =>
        ["batch", "--snapshot", snapshot, "--top", "400", "--threads", "1", "--out", file];

    private static async Task<string> Batch(string snapshot, string file)
    {
        var run = await ProgramOutput.OfEngine(Arguments(snapshot, file));
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }
}
