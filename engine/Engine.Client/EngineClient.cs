using System.Diagnostics.CodeAnalysis;
using Engine.Client.Balancing;
using Engine.Client.Calls;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.DependencyInjection;
using Proto = Engine.Protos.V1;

namespace Engine.Client;

/// <summary>
/// The engines as one: calls of a user go to the same engine while it can take them, a lost engine is left at once,
/// calls that are safe to repeat are repeated within a budget, and answers never go back to an older snapshot. Make one
/// and keep it: any number of threads may call.
/// </summary>
public sealed class EngineClient : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly EngineNodes _nodes;

    /// <summary>Connects with the first call.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">The clock of deadlines and back-offs.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">A certificate cannot be read.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The channel owns its connections.")]
    public EngineClient(EngineClientOptions options, TimeProvider? time = null)
    {
        var addresses = options.Check();
        time ??= TimeProvider.System;
        _nodes = new EngineNodes(options.LongestBackoff, time);
        _channel = GrpcChannel.ForAddress(
            options.UseDns ? $"dns:///{addresses[0].Authority}" : "static:///engines",
            new GrpcChannelOptions
            {
                HttpHandler = options.Around(new LostConnections(EncryptedHandler.Of(options))),
                DisposeHttpClient = true,
                Credentials = options.IsEncrypted ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure,
                ServiceConfig = SafeCalls.Configure(
                    options.Attempts, options.RetryBudget, options.SuccessesPerRetry, options.HedgeAfter),
                ServiceProvider = Parts(options, addresses),
                InitialReconnectBackoff = TimeSpan.FromSeconds(1),
                MaxReconnectBackoff = options.LongestBackoff,
                MaxReceiveMessageSize = null,
            });
        _nodes.Watch(_channel.CreateCallInvoker());
        Calls = new EngineCalls(
            _channel.CreateCallInvoker(), _nodes, options.Key, options.Deadline, options.RefuseOlder, time);
        Recommender = new Proto.Recommender.RecommenderClient(Calls);
        Snapshots = new Proto.Snapshots.SnapshotsClient(Calls);
        Catalog = new Proto.Catalog.CatalogClient(Calls);
        Tasks = new Proto.Tasks.TasksClient(Calls);
        Events = new Proto.Events.EventsClient(Calls);
        Admin = new Proto.Admin.AdminClient(Calls);
    }

    /// <summary>Questions.</summary>
    public Proto.Recommender.RecommenderClient Recommender { get; }

    /// <summary>Published snapshots.</summary>
    public Proto.Snapshots.SnapshotsClient Snapshots { get; }

    /// <summary>Pools, audiences, placements, blocked products.</summary>
    public Proto.Catalog.CatalogClient Catalog { get; }

    /// <summary>Stored batches.</summary>
    public Proto.Tasks.TasksClient Tasks { get; }

    /// <summary>What users did since the training.</summary>
    public Proto.Events.EventsClient Events { get; }

    /// <summary>Forgetting people; who calls.</summary>
    public Proto.Admin.AdminClient Admin { get; }

    /// <summary>What generated clients of your own are made on.</summary>
    public CallInvoker Calls { get; }

    /// <summary>Connects to at least one engine now instead of with the first call.</summary>
    public Task Connect(CancellationToken cancellation = default) => _channel.ConnectAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _nodes.Dispose();
        _channel.Dispose();
    }

    private ServiceProvider Parts(EngineClientOptions options, IReadOnlyList<Uri> addresses)
    {
        var parts = new ServiceCollection();
        parts.AddSingleton<LoadBalancerFactory>(
            new RendezvousBalancerFactory(_nodes, options.LoadFactor, options.LeastOpenCalls));
        parts.AddSingleton<ResolverFactory>(options.UseDns
            ? new DnsResolverFactory(options.DnsRefresh)
            : new StaticResolverFactory(_ => addresses.Select(uri => new BalancerAddress(uri.Host, uri.Port))));
        return parts.BuildServiceProvider();
    }
}
