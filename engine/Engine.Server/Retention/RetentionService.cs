using System.Diagnostics.CodeAnalysis;
using Engine.Server.Configuration;
using Engine.Server.Workspaces;
using Engine.Snapshots;

namespace Engine.Server.Retention;

/// <summary>Sweeps every workspace, periodically, when a retention setting bounds anything.</summary>
internal sealed partial class RetentionService(
    WorkspaceRegistry workspaces, ServerOptions options, TimeProvider time, ILogger<RetentionService> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Retention.IsBounded)
        {
            return;
        }

        // A task of a stopped engine must be known, and its snapshot served, before anything is deleted.
        await workspaces.FirstRead.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Retention.SweepMinutes), time);
        do
        {
            foreach (var workspace in workspaces.All)
            {
                stoppingToken.ThrowIfCancellationRequested();
                Sweep(workspace);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [SuppressMessage(
        "Design", "CA1031", Justification = "A workspace that cannot be swept does not stop the sweep of others.")]
    private void Sweep(Workspace workspace)
    {
        try
        {
            var directory = new SnapshotDirectory(Path.GetFullPath(options.Snapshots), workspace.Name);
            var sweep = WorkspaceSweep.Plan(
                directory, options.Retention, time.GetUtcNow(), workspace.ActiveId, workspace.SharedTasks);
            if (!sweep.IsEmpty)
            {
                sweep.Apply(options.Snapshots, directory, "engine (retention)");
                LogSwept(workspace.Name, sweep);
            }
        }
        catch (Exception e)
        {
            // Tried again at the next sweep.
            LogFailed(workspace.Name, MachineFault.Sentence(e));
        }
    }

    [LoggerMessage(LogLevel.Information, "workspace {Workspace}: deleted {Sweep}, beyond the retention settings")]
    private partial void LogSwept(string workspace, WorkspaceSweep sweep);

    [LoggerMessage(LogLevel.Error, "workspace {Workspace}: cannot be swept: {Reason}")]
    private partial void LogFailed(string workspace, string reason);
}
