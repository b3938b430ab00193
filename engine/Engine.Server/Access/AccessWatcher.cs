using System.Diagnostics.CodeAnalysis;

namespace Engine.Server.Access;

/// <summary>Looks twice a second whether keys, token keys or certificates have changed.</summary>
internal sealed partial class AccessWatcher(
    KeyRing keys,
    TokenKeys tokens,
    ServerCertificates certificates,
    TimeProvider time,
    ILogger<AccessWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>What is wrong with keys and certificates, a sentence each; those read before stay in use.</summary>
    public IEnumerable<string> Problems() =>
        new[] { keys.Problem, tokens.Problem, certificates.Problem }.OfType<string>();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Try(keys.Refresh);
            Try(tokens.Refresh);
            Try(certificates.Refresh);
        }
    }

    [SuppressMessage(
        "Design", "CA1031", Justification = "Nothing that is wrong with a file may end the watching of the others.")]
    private void Try(Action refresh)
    {
        try
        {
            refresh();
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Error, "keys or certificates could not be read again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
