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
            "dotnet",
            [
                ProgramOutput.Built("Trainer"),
                "evaluate",
                "--train",
                folder.File("train.txt"),
                "--test",
                folder.File("test.txt"),
                "--k",
                "20",
                "--budget",
                "10m",
            ]);

        // The first lines come before a search of minutes.
        Assert.Contains("validation", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        await ProgramOutput.Of("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        Assert.Equal("stopped", error.Trim());
        await output;

        static string Row(int user) => string.Join(
            ' ', Enumerable.Range(0, 60).Select(i => i == 0 ? user : (user * 7919 + (i * i * 104729)) % 20_011));
    }

    [Theory]
    [InlineData("train", "INT")]
    [InlineData("train", "TERM")]
    [InlineData("update", "INT")]
    public async Task A_training_that_is_stopped_says_so_and_resumes(string verb, string signal)
    {
        using var folder = new TemporaryFolder();
        await Trainer("generate", "--size", "tiny", "--out", folder.File("brand"));
        var output = folder.File("out");
        string[] train = [
            "train",
            "--dataset",
            Path.Combine(folder.File("brand"), "dataset.json"),
            "--out",
            output,
            "--epochs",
            "1000",
        ];
        if (verb == "update")
        {
            await Trainer([.. train[..5], "--epochs", "2"]);
            var path = Path.Combine(output, "default", "MODEL.json");
            File.WriteAllText(
                path, File.ReadAllText(path).Replace("\"epochs\": 2", "\"epochs\": 1000", StringComparison.Ordinal));
        }

        string[] arguments = verb == "train" ? train : ["update", "--out", output];

        // A shell starts background jobs with SIGINT ignored, and their children inherit that.
        using var process = ProgramOutput.Start(
            "env", ["--default-signal=INT", "dotnet", ProgramOutput.Built("Trainer"), .. arguments]);

        // The first line comes when a table is read, before fits of a thousand epochs.
        Assert.Contains("done", await process.StandardError.ReadLineAsync(), StringComparison.Ordinal);
        await ProgramOutput.Of("kill", "-" + signal, process.Id.ToString(CultureInfo.InvariantCulture));
        var lines = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        Assert.EndsWith("stopped; run the same command again to resume", error.Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Published", await lines, StringComparison.Ordinal);
        Assert.Contains("TrainingFailed", await Trainer("status", "--out", output), StringComparison.Ordinal);
        Assert.Contains("Published", await Trainer([.. train[..5], "--epochs", "3"]), StringComparison.Ordinal);
    }

    private static async Task<string> Trainer(params string[] arguments) =>
        (await ProgramOutput.Of("dotnet", [ProgramOutput.Built("Trainer"), .. arguments])).Output;
}
