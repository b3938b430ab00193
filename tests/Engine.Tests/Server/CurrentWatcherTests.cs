using Engine.Server.Configuration;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Grpc.HealthCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>The watcher of CURRENT loads beside the requests, not in their place.</summary>
public sealed class CurrentWatcherTests
{
    [Fact]
    public async Task A_snapshot_is_loaded_outside_the_thread_pool_with_all_its_loops()
    {
        using var folder = new TemporaryFolder();
        var id = new SnapshotDirectory(folder.Path).Publish(RandomSnapshot.Content(3));
        var options = new ServerOptions { Snapshots = folder.Path };
        var pooled = new List<bool>();
        await using var services =
            new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<ServerMetrics>()
                .BuildServiceProvider();
        // Parallel loops of a load run on the scheduler that is current here.
        using var workspaces = new WorkspaceRegistry(
            options,
            services.GetRequiredService<ServerMetrics>(),
            (_, _, _) =>
                pooled.Add(Thread.CurrentThread.IsThreadPoolThread || TaskScheduler.Current == TaskScheduler.Default),
            NullLogger<Workspace>.Instance,
            TimeProvider.System);
        using var watcher = new CurrentWatcher(
            workspaces,
            new HealthBoard(workspaces, new HealthServiceImpl(), new HealthNotes()),
            options,
            TimeProvider.System,
            NullLogger<CurrentWatcher>.Instance);
        await watcher.StartAsync(CancellationToken.None);
        await workspaces.FirstRead;
        await watcher.StopAsync(CancellationToken.None);

        Assert.Equal(id, workspaces.Get("").ActiveId);
        Assert.Equal([false], pooled);
    }
}
