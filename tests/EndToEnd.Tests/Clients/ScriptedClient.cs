using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Tests.Shared;

namespace EndToEnd.Tests.Clients;

/// <summary>
/// The client package of another language, built as its page says, and asked by a script that knows only the package.
/// </summary>
internal static class ScriptedClient
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string[]>>> Built = new();

    /// <summary>Null when there is what builds the package for Python.</summary>
    public static string? MissingForPython { get; } = FindMissingForPython();

    /// <summary>Runs the script to its end.</summary>
    /// <param name="language">python or node.</param>
    /// <param name="asked">What to do, as the script describes it.</param>
    /// <returns>The lines that it printed.</returns>
    public static async Task<string[]> Ask(string language, object asked)
    {
        using var process = await Start(language, asked);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Starts the script; its input can be written, its output is to be read.</summary>
    public static async Task<Process> Start(string language, object asked)
    {
        var build = Built.GetOrAdd(
            language, one => new Lazy<Task<string[]>>(() => one == "node" ? BuildForNode() : BuildForPython()));
        string[] arguments = [.. await build.Value, JsonSerializer.Serialize(asked)];
        return Process.Start(new ProcessStartInfo("env", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("env did not start");
    }

    private static string Source(string language) =>
        Path.Combine(TestData.Root, "engine", "Engine.Client", language);

    private static string Script(string folder, string file) =>
        Path.Combine(TestData.Root, "tests", "EndToEnd.Tests", folder, file);

    // Both give the arguments of env that run the script with the package.
    private static async Task<string[]> BuildForPython()
    {
        var folder = Fresh("python");
        await Run(
            "-C",
            Source("python"),
            PythonFactAttribute.Interpreter,
            "-c",
            // What pip calls; Debian's Python has it without pip.
            $"from setuptools import build_meta; build_meta.build_wheel('{folder}')");
        var wheel = Directory.GetFiles(folder, "engine_client-*.whl").Single();
        await ZipFile.ExtractToDirectoryAsync(wheel, folder);
        return [$"PYTHONPATH={folder}", PythonFactAttribute.Interpreter, Script("Python", "client.py")];
    }

    private static async Task<string[]> BuildForNode()
    {
        var folder = Fresh("node");
        await Run("-C", Source("node"), "npm", "pack", "--pack-destination", folder);
        var installed = Path.Combine(NodeModules.Folder, "engine-client");
        Directory.CreateDirectory(installed);
        await Run(
            "tar", "-xzf", Directory.GetFiles(folder, "*.tgz").Single(), "-C", installed, "--strip-components=1");
        return [$"NODE_PATH={NodeModules.Folder}", "node", Script("Node", "client.js")];
    }

    private static string Fresh(string language)
    {
        var folder = Path.Combine(TestData.Root, "artifacts", "test-clients", language);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        return folder;
    }

    private static async Task Run(params string[] arguments)
    {
        var run = await ProgramOutput.Of("env", arguments);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    private static string? FindMissingForPython()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            return null;
        }

        const string Reason = "apt-get install python3-grpcio python3-setuptools python3-wheel protobuf-compiler "
            + "libprotobuf-dev (tests/run.sh does)";
        if (!File.Exists(PythonFactAttribute.Interpreter)
            || !File.Exists("/usr/bin/protoc")
            || !File.Exists("/usr/include/google/protobuf/timestamp.proto"))
        {
            return Reason;
        }

        using var probe = ProgramOutput.Start(
            PythonFactAttribute.Interpreter, ["-c", "import grpc, google.protobuf, setuptools, wheel"]);
        probe.WaitForExit();
        return probe.ExitCode == 0 ? null : Reason;
    }
}
