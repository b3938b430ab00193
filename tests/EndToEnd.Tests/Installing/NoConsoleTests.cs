using System.Text.RegularExpressions;
using Engine.Snapshots;
using Tests.Shared;

namespace EndToEnd.Tests.Installing;

/// <summary>An engine built with -p:Console=false: it holds no console, serves, and says why it has none.</summary>
public sealed partial class NoConsoleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task An_engine_without_the_console_builds_and_serves()
    {
        // Apart from what these tests run on, and nothing of it stays behind.
        var build = await ProgramOutput.Of(
            "dotnet",
            "build",
            Path.Combine(TestData.Root, "engine", "Engine.Server"),
            "-c",
            "Release",
            "-p:Console=false",
            "-p:UseSharedCompilation=false",
            "-nodeReuse:false",
            "--artifacts-path",
            _folder.File("built"),
            "-v",
            "q",
            "--nologo");
        Assert.True(build.ExitCode == 0, build.Output);
        var program = _folder.File("built/bin/Engine.Server/release/Engine.Server.dll");
        Assert.DoesNotContain(
            Directory.GetFiles(Path.GetDirectoryName(program)!).Select(Path.GetFileName),
            name => name!.StartsWith("Engine.Console", StringComparison.Ordinal)
                || name.StartsWith("Engine.Reports", StringComparison.Ordinal));

        var root = Directory.CreateDirectory(_folder.File("snapshots")).FullName;
        var id = new SnapshotDirectory(root).Publish(RandomSnapshot.Content(seed: 1));
        string[] serve =
            [program, "serve", "--snapshots", root, "--urls", "grpc://127.0.0.1:0;http://127.0.0.1:0"];
        var refused = await ProgramOutput.Of("dotnet", [.. serve, "--console", "console://127.0.0.1:0"]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("was built without the console", refused.Error, StringComparison.Ordinal);

        using var process = ProgramOutput.Start("dotnet", serve);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            var address = "";
            while (address.Length == 0)
            {
                var line = await process.StandardOutput.ReadLineAsync(limit.Token);
                Assert.NotNull(line);
                address = Address().Match(line).Groups[1].Value;
            }

            using var http = new HttpClient();
            while (!(await http.GetAsync($"{address}/readyz", limit.Token)).IsSuccessStatusCode)
            {
                await Task.Delay(50, limit.Token);
            }

            Assert.Contains(
                id,
                await http.GetStringAsync($"{address}/v1/snapshots:describe", limit.Token),
                StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    [GeneratedRegex(@"^HTTP/JSON\s+(http://\S+)")]
    private static partial Regex Address();
}
