using System.Diagnostics.CodeAnalysis;
using Engine.Server.Batch;
using Engine.Server.Configuration;

namespace Engine.Server.Workspaces;

/// <summary>Checks every workspace's CURRENT periodically and publishes the health.</summary>
internal sealed partial class CurrentWatcher(
    WorkspaceRegistry workspaces,
    HealthBoard health,
    ServerOptions options,
    TimeProvider time,
    ILogger<CurrentWatcher> logger)
    : BackgroundService
{
    // Saved pools and audiences are looked through, and leftovers of killed programs swept, once in so many checks of
    // CURRENT.
    private const int CatalogChecks = 30;

    // Loading takes seconds, and its loops take every thread that they are given: on the thread pool they would stop
    // all requests for that time, since the pool has a thread a core and adds others slowly.
    private readonly LowThreads _threads = new(Math.Max(1, Environment.ProcessorCount - 1), "load");

    private readonly ToldProblems _told = new(logger);
    private volatile string? _lastError;

    /// <summary>What is wrong with the watcher and with what is saved, a sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (ExecuteTask is { IsCompleted: true })
        {
            yield return "the watcher of CURRENT has ended. Restart the engine";
        }

        if (_lastError is { } error)
        {
            yield return error;
        }

        foreach (var problem in Stored())
        {
            yield return problem;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.PollMilliseconds), time);
        var checks = 0;
        do
        {
            var catalogs = checks++ % CatalogChecks == 0;
            await Task.Factory.StartNew(
                () => Check(catalogs, stoppingToken), stoppingToken, TaskCreationOptions.DenyChildAttach, _threads);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _threads.Dispose();
    }

    // Whatever happens in one check, the next one comes.
    [SuppressMessage("Design", "CA1031", Justification = "A watcher that ends would never see the repair.")]
    private void Check(bool catalogs, CancellationToken stopping)
    {
        try
        {
            workspaces.Refresh(stopping);
            if (catalogs)
            {
                workspaces.Sweep();
            }

            foreach (var workspace in catalogs ? workspaces.All : [])
            {
                workspace.Catalog.Look();
                workspace.TrimEvents();
            }

            _told.Tell(Stored());
            health.Publish();
            _lastError = null;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            var error = $"cannot read the snapshot folder {options.Snapshots}: "
                + $"{MachineFault.Sentence(e)} (active snapshots keep serving)";
            if (error != _lastError)
            {
                _lastError = error;
                LogUnreadable(e, options.Snapshots);
            }
        }
    }

    private IEnumerable<string> Stored() => workspaces.All.SelectMany(workspace =>
        workspace.Catalog.Problems.Select(problem => $"workspace {workspace.Name}: {problem}"));

    [LoggerMessage(LogLevel.Error, "cannot read the snapshot folder {Folder} (active snapshots keep serving)")]
    private partial void LogUnreadable(Exception exception, string folder);
}
