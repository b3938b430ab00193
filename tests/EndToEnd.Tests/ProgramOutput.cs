using System.Diagnostics;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>What a program printed and how it ended.</summary>
internal sealed record ProgramOutput(int ExitCode, string Output, string Error)
{
    /// <summary>Runs the engine's program, as built beside these tests.</summary>
    public static Task<ProgramOutput> OfEngine(params string[] arguments) =>
        Of("dotnet", [Built("Engine.Server"), .. arguments]);

    /// <summary>
    /// Runs the engine's program and lets the kernel kill it (SIGXFSZ) when a file of its would grow past a length.
    /// </summary>
    /// <param name="bytes">The length.</param>
    /// <param name="arguments">The engine's.</param>
    public static Task<ProgramOutput> OfEngineWithin(long bytes, params string[] arguments) => Of(
        // The runtime's own mappings of code are files past any limit, unless they are told to be memory.
        "env",
        [
            "DOTNET_EnableWriteXorExecute=0",
            "prlimit",
            "--core=0",
            $"--fsize={bytes}",
            "dotnet",
            Built("Engine.Server"),
            .. arguments,
        ]);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ProgramOutput> Of(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ProgramOutput(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a program and leaves it running; its output is to be read.</summary>
    public static Process Start(string program, string[] arguments) =>
        Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
        ?? throw new InvalidOperationException($"{program} did not start");

    /// <summary>
    /// Stops a process where it is: its connections stay, and it does nothing. One of its threads stops the others when it
    /// comes to run, which may be long after the signal was sent.
    /// </summary>
    /// <param name="process">Its number.</param>
    public static async Task Freeze(int process)
    {
        await Of("kill", "-STOP", $"{process}");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!Array.TrueForAll(Directory.GetDirectories($"/proc/{process}/task"), IsStopped))
        {
            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>The assembly of a project in the configuration that these tests were built in.</summary>
    public static string Built(string project) => Path.Combine(
        TestData.Root,
        "artifacts",
        "bin",
        project,
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
        $"{project}.dll");

    // Behind the name in parentheses: T for stopped.
    private static bool IsStopped(string thread)
    {
        try
        {
            var status = File.ReadAllText(Path.Combine(thread, "stat"));
            return status[status.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
