using System.Globalization;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>A program that is asked to stop says so in a line, and not in a stack trace.</summary>
public sealed class StoppedProgramTests
{
    [Fact]
    public async Task An_evaluation_that_is_stopped_says_so()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("train.txt"), Enumerable.Range(0, 20_000).Select(Row));
        File.WriteAllLines(folder.File("test.txt"), ["0 0"]);
        using var process = ProgramOutput.Start(
            "dotnet", [ProgramOutput.Built("Trainer"), "evaluate", "--train", folder.File("train.txt"), "--test", folder.File("test.txt"), "--k", "20", "--budget", "10m"]);

        // The first lines come before a search of minutes.
        Assert.Contains("validation", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        await ProgramOutput.Of("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        Assert.Equal("stopped before the end", error.Trim());
        await output;

        static string Row(int user) => string.Join(' ', Enumerable.Range(0, 60).Select(i => i == 0 ? user : (user * 7919 + (i * i * 104729)) % 20_011));
    }
}
