using Engine.Server.Workspaces;
using Microsoft.Extensions.Logging;

namespace Engine.Tests.Server;

/// <summary>What GET /health says of stored files, the log says too: when it begins and when it ends.</summary>
public sealed class ToldProblemsTests
{
    [Fact]
    public void A_problem_is_logged_once_when_it_begins_and_once_when_it_ends()
    {
        var log = new Lines();
        var told = new ToldProblems(log);
        told.Tell([]);
        told.Tell(["a is damaged"]);
        told.Tell(["a is damaged", "b is damaged"]);
        told.Tell(["b is damaged"]);
        told.Tell(["b is damaged"]);
        Assert.Equal(
            ["Warning a is damaged", "Warning b is damaged", "Information no longer a problem: a is damaged"], log.All);
    }

    [Fact]
    public void A_folder_full_of_problems_does_not_fill_the_log()
    {
        var log = new Lines();
        new ToldProblems(log).Tell(Enumerable.Range(0, 1_000).Select(i => $"pool {i} is damaged"));
        Assert.Equal(21, log.All.Count);
        Assert.Equal("Warning 980 more of this kind", log.All[^1]);
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => All.Add($"{logLevel} {formatter(state, exception)}");
    }
}
