using Engine.Server.Configuration;

namespace Engine.Server.Workspaces;

/// <summary>Looks at every workspace's CURRENT once a period, from the start on, and publishes the health that follows.</summary>
internal sealed partial class CurrentWatcher(
    WorkspaceRegistry workspaces, HealthBoard health, ServerOptions options, TimeProvider time, ILogger<CurrentWatcher> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.PollMilliseconds), time);
        do
        {
            try
            {
                workspaces.Refresh(stoppingToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogUnreadable(options.Snapshots, e.Message);
            }

            health.Publish();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Error, "the snapshot folder {Folder} cannot be read: {Reason}; what is served goes on")]
    private partial void LogUnreadable(string folder, string reason);
}
