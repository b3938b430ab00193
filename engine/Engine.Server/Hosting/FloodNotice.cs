using Microsoft.Extensions.Logging.Console;

namespace Engine.Server.Hosting;

/// <summary>
/// What Kestrel logs of HTTP/2. It writes a critical line for each connection that it closes because its client sends
/// frames and reads no answers, and a flood of such connections fills a disk with them. Here they are one warning a
/// minute at most, with their number. Everything else is logged as it is.
/// </summary>
/// <param name="services">For the logs, which are not there yet.</param>
/// <param name="time">The clock.</param>
internal sealed partial class FloodNotice(IServiceProvider services, TimeProvider time) : ILoggerProvider, ILogger
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.Http2";

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _said;
    private long _closed;

    private ILogger Out => field ??= services.GetRequiredService<ILoggerFactory>().CreateLogger<FloodNotice>();

    /// <summary>Puts it between Kestrel and the console.</summary>
    public static void Add(ILoggingBuilder logging)
    {
        logging.Services.AddSingleton<ILoggerProvider, FloodNotice>();
        logging.AddFilter<ConsoleLoggerProvider>(Category, LogLevel.None)
            .AddFilter<FloodNotice>(level => false)
            .AddFilter<FloodNotice>(Category, LogLevel.Warning);
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
        if (eventId.Name is not ("Http2QueueOperationsExceeded" or "Http2FlowControlQueueOperationsExceeded"))
        {
            Out.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        long closed;
        lock (_lock)
        {
            _closed++;
            if (_said is { } said && time.GetElapsedTime(said) < Pause)
            {
                return;
            }

            (closed, _closed, _said) = (_closed, 0, time.GetTimestamp());
        }

        LogClosed(Out, closed, formatter(state, exception));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    [LoggerMessage(
        LogLevel.Warning,
        "closed {Count} connections since the last such line, whose clients send frames and read no answers. The last: "
        + "{Text}")]
    private static partial void LogClosed(ILogger logger, long count, string text);
}
