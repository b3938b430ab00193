using Engine.Server.Configuration;

namespace Engine.Server.Workspaces;

/// <summary>Checks every workspace's CURRENT periodically and publishes the health.</summary>
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

    [LoggerMessage(LogLevel.Error, "cannot read the snapshot folder {Folder}: {Reason} (active snapshots keep serving)")]
    private partial void LogUnreadable(string folder, string reason);
}
