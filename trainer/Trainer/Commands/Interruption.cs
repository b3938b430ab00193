using System.CommandLine;

namespace Trainer.Commands;

/// <summary>How a program ends that is interrupted by Ctrl-C, SIGINT or SIGTERM.</summary>
internal static class Interruption
{
    private const int ExitCode = 128 + 2;
    private const int Terminated = 128 + 15;

    private static readonly string[] Resumable = ["train", "update", "extract"];

    /// <summary>
    /// The time that a verb has to stop at its next check. Then the program ends without it, for instance in the middle
    /// of a database query; every file is replaced by rename, so nothing half-written is ever used.
    /// </summary>
    public static TimeSpan Grace => TimeSpan.FromMilliseconds(800);

    /// <summary>
    /// Runs a verb's work on another thread than the handler of signals, so that the program can end without it.
    /// </summary>
    public static void SetWork(this Command command, Func<ParseResult, CancellationToken, int> work) =>
        command.SetAction((parsed, cancel) => Task.Run(() => work(parsed, cancel), CancellationToken.None));

    /// <summary>Whether the program ends without the verb.</summary>
    public static bool IsExitCode(int code) => code is ExitCode or Terminated;

    /// <summary>Writes the last line and returns the exit code that shells expect: 128 + SIGINT.</summary>
    public static int Report(ParseResult parsed)
    {
        var canResume = Resumable.Contains(parsed.CommandResult.Command.Name, StringComparer.Ordinal);
        Console.Error.WriteLine(canResume ? "stopped; run the same command again to resume" : "stopped");
        return ExitCode;
    }
}
