using Engine.Server.Warming;
using Microsoft.Extensions.Hosting.Systemd;

namespace Engine.Server.Hosting;

/// <summary>
/// Tells systemd, in a unit of Type=notify, when the server has started: its ports are open, every workspace has loaded
/// or rejected its snapshot, and it is warm, as /startupz says. Elsewhere it does nothing.
/// </summary>
internal sealed class SystemdNotice(
    ISystemdNotifier systemd, FirstCalls firstCalls, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!systemd.IsEnabled)
        {
            return;
        }

        await firstCalls.Done.WaitAsync(stoppingToken);
        systemd.Notify(ServiceState.Ready);
        await Task.Delay(Timeout.Infinite, lifetime.ApplicationStopping).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing);
        systemd.Notify(ServiceState.Stopping);
    }
}
