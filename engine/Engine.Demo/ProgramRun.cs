using System.Diagnostics;

namespace Engine.Demo;

/// <summary>
/// One of the product's programs, run as a user would: the command is printed, then run in the checkout.
/// </summary>
internal sealed class ProgramRun : IDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);
    private readonly Process _process;

    private ProgramRun(Process process) => _process = process;

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program and leaves it running. It is built already: this project refers to it.</summary>
    public static ProgramRun Start(string root, string project, params string[] arguments)
    {
        string[] all = ["run", "-c", Checkout.Configuration, "--no-build", "--project", project, "--", .. arguments];
        Console.WriteLine();
        Console.WriteLine($"$ dotnet {string.Join(' ', all.Select(Quote))}");
        return new ProgramRun(Process.Start(
            new ProcessStartInfo("dotnet", all) { WorkingDirectory = root, UseShellExecute = false })
            ?? throw new DemoException("'dotnet' did not start, expected the .NET 10 SDK on the path: install it"));
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="DemoException">It ended with an error, which it has printed.</exception>
    public static async Task ToEnd(string root, string project, string[] arguments, CancellationToken cancellation)
    {
        using var run = Start(root, project, arguments);
        await run._process.WaitForExitAsync(cancellation);
        if (run._process.ExitCode != 0)
        {
            throw new DemoException(
                $"'{project} {arguments[0]}' ended with exit code {run._process.ExitCode}, "
                + "expected 0: see its message above");
        }
    }

    /// <summary>Waits until it ends by itself.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    /// <summary>Stops it with all its children, whatever happened before.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(StopTime);
        }

        _process.Dispose();
    }

    private static string Quote(string argument) => argument.AsSpan().ContainsAny(" ;'") ? $"\"{argument}\"" : argument;
}
