using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>
/// The machine's zone, culture and number of threads change no byte of a mapping, a snapshot and a batch. The programs
/// run in the invariant culture; here they are started in the machine's, as an application that embeds the libraries
/// would be.
/// </summary>
public sealed class SameEverywhereTests
{
    private static readonly string[] Zones = ["UTC", "Asia/Kolkata", "Pacific/Kiritimati"];
    private static readonly string[] Cultures = ["tr_TR.UTF-8", "de_DE.UTF-8"];

    [Fact]
    public async Task Zone_culture_and_threads_change_no_byte()
    {
        using var folder = new TemporaryFolder();
        var brand = folder.File("brand");
        await Run(folder, "Trainer", "UTC", "C", "generate", "--size", "tiny", "--out", brand);
        var found = new Dictionary<string, List<string>>();
        foreach (var (zone, culture, threads) in
            from zone in Zones from culture in Cultures from threads in (int[])[1, 2] select (zone, culture, threads))
        {
            var place = folder.File($"{found.Values.Sum(list => list.Count)}");
            Directory.CreateDirectory(place);
            var (mapping, snapshots) = (folder.File("dataset.json"), Path.Combine(place, "snapshots"));
            await Run(
                folder, "Trainer", zone, culture,
                "init", $"{brand}/behavior.csv", $"{brand}/product.csv", "--out", mapping, "--force");
            await Run(
                folder, "Trainer", zone, culture, "train", "--dataset", mapping, "--out", snapshots,
                "--factors", "8", "--epochs", "2", "--threads", threads.ToString(CultureInfo.InvariantCulture));
            await Run(
                folder, "Engine.Server", zone, culture, "batch", "--snapshots", snapshots, "--audience", "all",
                "--pool", "price >= 1.5", "--out", Path.Combine(place, "top.csv"));
            string[] files =
                [mapping, .. Directory.GetFiles(snapshots, "*.snapshot", SearchOption.AllDirectories),
                    Path.Combine(place, "top.csv")];
            Assert.Equal(3, files.Length);
            var hashes = string.Join(
                ' ', files.Select(file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
            found.TryAdd(hashes, []);
            found[hashes].Add($"{zone} {culture} {threads}");
        }

        Assert.True(
            found.Count == 1,
            string.Join(Environment.NewLine, found.Select(pair => $"{pair.Key}: {string.Join(", ", pair.Value)}")));
    }

    private static async Task Run(
        TemporaryFolder folder, string program, string zone, string culture, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            ["exec", "--runtimeconfig", Config(folder, program), ProgramOutput.Built(program), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TZ"] = zone, ["LANG"] = culture, ["LC_ALL"] = culture },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{zone} {culture}: {await output}{await error}");
    }

    // Without the library of cultures the runtime has the invariant one only.
    private static string Config(TemporaryFolder folder, string program)
    {
        var path = folder.File($"{program}.runtimeconfig.json");
        if (!File.Exists(path))
        {
            var config = JsonNode.Parse(
                File.ReadAllText(Path.ChangeExtension(ProgramOutput.Built(program), ".runtimeconfig.json")))!;
            var hasCultures = Directory.EnumerateFiles("/usr/lib", "libicuuc.so*", new EnumerationOptions
            {
                RecurseSubdirectories = true,
                MaxRecursionDepth = 2,
                IgnoreInaccessible = true,
            }).Any();
            config["runtimeOptions"]!["configProperties"]!["System.Globalization.Invariant"] = !hasCultures;
            File.WriteAllText(path, config.ToJsonString());
        }

        return path;
    }
}
