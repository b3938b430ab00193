using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client.Balancer;

namespace Engine.Client.Balancing;

/// <summary>All engines that the client has met, and the watch over the health of those with a connection.</summary>
internal sealed class EngineNodes(TimeSpan longestBackoff, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);
    private static readonly string Watched = Protos.V1.Recommender.Descriptor.FullName;
    private readonly ConcurrentDictionary<string, EngineNode> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<EngineNode, bool> _watched = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile IReadOnlyList<EngineNode> _connected = [];
    private CallInvoker? _calls;

    /// <summary>Those with a connection.</summary>
    public IReadOnlyList<EngineNode> Connected => _connected;

    /// <summary>Watches the health of connected engines with these calls, from the first connection on.</summary>
    public void Watch(CallInvoker calls) => _calls = calls;

    /// <summary>Says which engines have a connection now.</summary>
    /// <returns>They, in the same order.</returns>
    public EngineNode[] Connect(IReadOnlyList<BalancerAddress> addresses)
    {
        var connected = addresses
            .Select(address => new EngineNode(address))
            .Select(node => _nodes.GetOrAdd(node.Name, node))
            .ToArray();
        _connected = connected;
        foreach (var node in connected)
        {
            Start(node);
        }

        return connected;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Start(EngineNode node)
    {
        if (_watched.TryAdd(node, true))
        {
            _ = Task.Run(() => Follow(node));
        }
    }

    // Ends when the engine has lost its connection; the next connection begins another.
    private async Task Follow(EngineNode node)
    {
        var backoff = FirstBackoff;
        var stop = _stop.Token;
        while (_connected.Contains(node) && !stop.IsCancellationRequested)
        {
            try
            {
                using var watch = new Health.HealthClient(_calls).Watch(
                    new HealthCheckRequest { Service = Watched },
                    new CallOptions(new Metadata { { CallHeaders.Node, node.Name } }, cancellationToken: stop));
                await foreach (var health in watch.ResponseStream.ReadAllAsync(stop).ConfigureAwait(false))
                {
                    backoff = FirstBackoff;
                    node.IsServing = health.Status == HealthCheckResponse.Types.ServingStatus.Serving;
                }
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or ObjectDisposedException)
            {
                // Without a word of its own, the state of its connection alone says whether it can be called.
            }

            node.IsServing = true;
            await Task.Delay(backoff, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            backoff = backoff * 2 < longestBackoff ? backoff * 2 : longestBackoff;
        }

        _watched.TryRemove(node, out _);
        if (_connected.Contains(node) && !stop.IsCancellationRequested)
        {
            // It connected again after the loop had ended, while this watch still counted.
            Start(node);
        }
    }
}
