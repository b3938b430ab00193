using System.Diagnostics;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>
/// The README's first command, on a tiny brand: tables, training, publishing, serving, three answers.
/// </summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_whole_way_from_tables_to_answers()
    {
        using var folder = new TemporaryFolder();
        var run = await ProgramOutput.Of(
            "dotnet", ProgramOutput.Built("Engine.Demo"), "--size", "tiny", "--out", folder.Path, "--exit");
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        Assert.Contains("-- generate --size tiny", run.Output, StringComparison.Ordinal);
        Assert.Contains("-- train --dataset", run.Output, StringComparison.Ordinal);
        Assert.Contains("-- serve --snapshots", run.Output, StringComparison.Ordinal);
        foreach (var title in new[] { "Storefront:", "Product page:", "Campaign:" })
        {
            var table = run.Output[run.Output.IndexOf(title, StringComparison.Ordinal)..];
            Assert.Contains("│ 1 ", table, StringComparison.Ordinal);
        }

        Assert.True(
            System.Text.RegularExpressions.Regex.Count(run.Output, @"because .*last on \d{4}-\d\d-\d\d") >= 2 * 8,
            run.Output);
        Assert.Contains(" % ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("note:", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("│ score", run.Output, StringComparison.Ordinal);

        // What it printed can be asked again without a server.
        var inspect = await ProgramOutput.OfEngine("inspect", Path.Combine(folder.Path, "snapshots"));
        Assert.True(inspect.ExitCode == 0, inspect.Error);
        Assert.Contains("recall@10", inspect.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_ends_the_demo_and_its_engine()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo(
            "dotnet", [ProgramOutput.Built("Engine.Demo"), "--size", "tiny", "--out", folder.Path])
        {
            RedirectStandardOutput = true,
        };
        using var demo = Process.Start(start)!;
        var health = "";
        while (await demo.StandardOutput.ReadLineAsync() is { } line
            && !line.StartsWith("The engine stays up", StringComparison.Ordinal))
        {
            var at = line.IndexOf("curl -s ", StringComparison.Ordinal);
            health = at < 0 ? health : new Uri(new Uri(line[(at + 8)..].Split(' ')[0]), "/health").ToString();
        }

        using var http = new HttpClient();
        Assert.Contains("SERVING", await http.GetStringAsync(health), StringComparison.Ordinal);
        Assert.Equal(0, (await ProgramOutput.Of("kill", "-TERM", $"{demo.Id}")).ExitCode);
        await demo.StandardOutput.ReadToEndAsync();
        await demo.WaitForExitAsync();
        Assert.Equal(0, demo.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(health));
    }
}
