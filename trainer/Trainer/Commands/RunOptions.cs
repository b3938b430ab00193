using System.CommandLine;

namespace Trainer.Commands;

/// <summary>Options that are no settings: they change how long a verb takes, not its result.</summary>
internal static class RunOptions
{
    /// <summary><c>--threads</c>.</summary>
    public static Option<int> Threads() =>
        new("--threads")
        {
            Description = "Threads. They do not change the result",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
}
