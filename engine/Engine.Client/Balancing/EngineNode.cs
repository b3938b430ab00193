using System.Globalization;
using Grpc.Net.Client.Balancer;

namespace Engine.Client.Balancing;

/// <summary>One engine by its address: how many calls it has, and whether it says that it serves.</summary>
internal sealed class EngineNode(BalancerAddress address) : ISubchannelCallTracker
{
    private int _openCalls;
    private volatile bool _isServing = true;

    /// <summary>HOST:PORT.</summary>
    public string Name { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{address.EndPoint.Host}:{address.EndPoint.Port}");

    /// <summary>Calls without an answer.</summary>
    public int OpenCalls => Volatile.Read(ref _openCalls);

    /// <summary>False while its health service says that it does not serve, for example because it stops.</summary>
    public bool IsServing
    {
        get => _isServing;
        set => _isServing = value;
    }

    /// <inheritdoc/>
    public void Start() => Interlocked.Increment(ref _openCalls);

    /// <inheritdoc/>
    public void Complete(CompletionContext context) => Interlocked.Decrement(ref _openCalls);
}
