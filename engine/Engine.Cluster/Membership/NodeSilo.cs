using Engine.Cluster.Configuration;
using Engine.Cluster.Database;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Engine.Cluster.Membership;

/// <summary>
/// One membership of this node in the cluster: an Orleans silo in a host of its own, from joining to leaving. No call
/// of the engine passes through it.
/// </summary>
internal sealed class NodeSilo : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly FatalError _fatal;

    private NodeSilo(IHost host, FatalError fatal) => (_host, _fatal) = (host, fatal);

    /// <summary>Completes when the others have declared this node dead, or Orleans cannot go on.</summary>
    public Task<string> Died => _fatal.Happened;

    /// <summary>The names of the living nodes, as this one sees them.</summary>
    public IReadOnlyList<string> Members => [.. _host.Services.GetRequiredService<IClusterMembershipService>()
        .CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active)
        .Select(member => member.Name).Order(StringComparer.Ordinal)];

    /// <summary>Joins.</summary>
    /// <exception cref="Exception">Anything that Orleans throws when it cannot.</exception>
    public static async Task<NodeSilo> Join(
        ClusterSettings settings, ClusterDatabase database, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var fatal = new FatalError();
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        builder.UseOrleans(silo => Configure(silo, settings, database));
        builder.Services.Replace(ServiceDescriptor.Singleton<IFatalErrorHandler>(fatal));
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, SilentLifetime>());
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation);
            return new NodeSilo(host, fatal);
        }
        catch
        {
            await Stop(host, TimeSpan.Zero);
            throw;
        }
    }

    /// <summary>Leaves: the others know at once that this node is gone.</summary>
    public async ValueTask DisposeAsync() =>
        await Stop(_host, _fatal.Happened.IsCompleted ? TimeSpan.Zero : TimeSpan.FromSeconds(5));

    private static void Configure(ISiloBuilder silo, ClusterSettings settings, ClusterDatabase database)
    {
        var probe = TimeSpan.FromSeconds(settings.ProbeSeconds);
        silo.UseAdoNetClustering(clustering =>
        {
            clustering.Invariant = "MySql.Data.MySqlConnector";
            clustering.DataSource = database.Connections;
        });
        silo.Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = settings.Cluster);
        silo.Configure<SiloOptions>(options => options.SiloName = settings.Node);
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = settings.Ip;
            endpoint.SiloPort = settings.SiloPort;
            endpoint.GatewayPort = 0;
        });
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = probe;
            membership.NumMissedProbesLimit = settings.MissedProbes;
            membership.NumVotesForDeathDeclaration = settings.Votes;
            membership.TableRefreshTimeout = probe * 2;

            // After all nodes were killed, the first to come back must not wait for the dead longer than that.
            membership.IAmAliveTablePublishTimeout = probe;
            membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
            membership.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        });
    }

    private static async Task Stop(IHost host, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await host.StopAsync(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or OrleansException or AggregateException)
        {
            // It is gone for the others as if it had been killed.
        }

        host.Dispose();
    }

    // Orleans' own one ends the process: an engine that cannot reach the others must go on serving.
    private sealed class FatalError : IFatalErrorHandler
    {
        private readonly TaskCompletionSource<string> _happened =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Happened => _happened.Task;

        public bool IsUnexpected(Exception exception) => true;

        public void OnFatalException(object? sender, string? context, Exception? exception) =>
            _happened.TrySetResult(context ?? exception?.Message ?? "no reason given");
    }

    // Signals are the engine's, not those of a host within it.
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
