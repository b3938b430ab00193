using Engine.Server.Workspaces;
using Microsoft.Extensions.Hosting.Systemd;

namespace Engine.Server.Hosting;

/// <summary>
/// Tells systemd, in a unit of Type=notify, when the server has started: its ports are open, and every workspace has
/// loaded or rejected its snapshot, as /startupz says. Elsewhere it does nothing.
/// </summary>
internal sealed class SystemdNotice(
    ISystemdNotifier systemd, WorkspaceRegistry workspaces, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!systemd.IsEnabled)
        {
            return;
        }

        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var started = lifetime.ApplicationStarted.Register(opened.SetResult);
        await Task.WhenAll(opened.Task, workspaces.FirstRead).WaitAsync(stoppingToken);
        systemd.Notify(ServiceState.Ready);
        await Task.Delay(Timeout.Infinite, lifetime.ApplicationStopping).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing);
        systemd.Notify(ServiceState.Stopping);
    }
}
