using System.Diagnostics;
using Engine.Model.Writing;
using Engine.Tests;
using Engine.Tests.Snapshots;

namespace EndToEnd.Tests;

/// <summary>A batch whose program is killed in its middle, as the operating system kills: without a word.</summary>
public sealed class KilledBatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(".csv")]
    [InlineData(".parquet")]
    public async Task Run_again_it_goes_on_and_writes_the_same_bytes(string extension)
    {
        using var folder = new TemporaryFolder();
        var snapshot = folder.File("users.snapshot");
        SnapshotWriter.Write(snapshot, RandomSnapshot.Content(seed: 6, users: 20_000, products: 400));
        var (whole, killed) = (folder.File("whole" + extension), folder.File("killed" + extension));
        await Batch(snapshot, whole);

        using (var process = ProgramOutput.StartEngine(Arguments(snapshot, killed)))
        {
            // One thread and eight parts: when the first has joined the head of the journal, the others are still to come.
            var (head, limit) = (0L, Stopwatch.StartNew());
            while (!process.HasExited && limit.Elapsed < Patience && (head == 0 || LengthOf(killed + ".journal") == head))
            {
                head = head == 0 ? LengthOf(killed + ".journal") : head;
                await Task.Delay(1);
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.False(File.Exists(killed));
        Assert.True(File.Exists(killed + ".partial"));
        var output = await Batch(snapshot, killed);
        Assert.Contains("of an earlier run kept", output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(whole), await File.ReadAllBytesAsync(killed));
        Assert.False(File.Exists(killed + ".partial") || File.Exists(killed + ".journal"));
    }

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private static string[] Arguments(string snapshot, string file) =>
        ["batch", "--snapshot", snapshot, "--top", "400", "--threads", "1", "--out", file];

    private static async Task<string> Batch(string snapshot, string file)
    {
        var run = await ProgramOutput.OfEngine(Arguments(snapshot, file));
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }
}
