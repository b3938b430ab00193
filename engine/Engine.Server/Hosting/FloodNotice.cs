using Microsoft.Extensions.Logging.Console;

namespace Engine.Server.Hosting;

/// <summary>
/// What Kestrel logs. It writes critical lines with traces, up to a hundred of them, for a connection that it closes
/// because its client sends frames and reads no answers, and a line for each connection beyond the bound. A flood of
/// such connections fills a disk with them. Here they are one warning of each kind a minute at most. Everything else is
/// logged as it is.
/// </summary>
/// <param name="services">For the logs, which are not there yet.</param>
/// <param name="time">The clock.</param>
internal sealed partial class FloodNotice(IServiceProvider services, TimeProvider time) : ILoggerProvider, ILogger
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel";

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    // The last one comes later, when the collector has found the connection.
    private static readonly HashSet<string> Floods =
        ["Http2QueueOperationsExceeded", "Http2FlowControlQueueOperationsExceeded", "ApplicationNeverCompleted"];

    private const string TooMany = "ConnectionRejected";

    private readonly Notice _closed = new(time);
    private readonly Notice _tooMany = new(time);

    private ILogger Out => field ??= services.GetRequiredService<ILoggerFactory>().CreateLogger("Kestrel");

    /// <summary>Puts it between Kestrel and the console.</summary>
    /// <param name="logging">The logs.</param>
    /// <param name="isLogged">Which levels are logged.</param>
    public static void Add(ILoggingBuilder logging, Func<LogLevel, bool> isLogged)
    {
        logging.Services.AddSingleton<ILoggerProvider, FloodNotice>();
        logging.AddFilter<ConsoleLoggerProvider>(Category, LogLevel.None)
            .AddFilter<FloodNotice>(level => false)
            .AddFilter<FloodNotice>(Category, isLogged);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == TooMany)
        {
            if (_tooMany.Add() is { } refused)
            {
                LogTooMany(Out, refused);
            }
        }
        else if (!Floods.Contains(eventId.Name ?? ""))
        {
            Out.Log(logLevel, eventId, state, exception, formatter);
        }
        else if (_closed.Add() is { } closed)
        {
            LogClosed(Out, closed, formatter(state, exception));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    [LoggerMessage(
        LogLevel.Warning,
        "closed connections whose clients send frames and read no answers ({Count} messages since the last such line): "
        + "{Text}")]
    private static partial void LogClosed(ILogger logger, long count, string text);

    [LoggerMessage(
        LogLevel.Warning,
        "closed {Count} connections since the last such line: as many as the setting connections allows are open. "
        + "Close connections that are not needed, or raise it")]
    private static partial void LogTooMany(ILogger logger, long count);

    /// <summary>Messages of one kind, and when they were last told.</summary>
    private sealed class Notice(TimeProvider time)
    {
        private readonly Lock _lock = new();
        private long? _said;
        private long _count;

        /// <summary>Counts one; how many there were when it is time to tell, else null.</summary>
        public long? Add()
        {
            lock (_lock)
            {
                _count++;
                if (_said is { } said && time.GetElapsedTime(said) < Pause)
                {
                    return null;
                }

                (var count, _count, _said) = (_count, 0, time.GetTimestamp());
                return count;
            }
        }
    }
}
