using System.Diagnostics;
using System.Globalization;
using Grpc.Net.Client.Balancer;

namespace Engine.Client.Balancing;

/// <summary>One engine by its address: how many calls it has, and whether it says that it serves.</summary>
internal sealed class EngineNode(BalancerAddress address) : ISubchannelCallTracker
{
    /// <summary>
    /// So long nothing is sent to an engine that a call could not reach, unless no other is left: gRPC may take a
    /// second to see that its connection is lost, and each call until then would spend a retry.
    /// </summary>
    private static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(1);

    private int _openCalls;
    private long _lost;
    private volatile bool _isServing = true;

    /// <summary>HOST:PORT; an IPv6 address is in brackets, as in a URL, and not as DNS gives it.</summary>
    public string Name { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{InUrl(address.EndPoint.Host)}:{address.EndPoint.Port}");

    /// <summary>Calls without an answer.</summary>
    public int OpenCalls => Volatile.Read(ref _openCalls);

    /// <summary>
    /// False while its health service says that it does not serve, for example because it stops, and for a second after
    /// a call did not reach it.
    /// </summary>
    public bool IsServing
    {
        get => _isServing
            && (Volatile.Read(ref _lost) is var lost && (lost == 0 || Stopwatch.GetElapsedTime(lost) >= LeftAlone));
        set => _isServing = value;
    }

    /// <inheritdoc/>
    public void Start() => Interlocked.Increment(ref _openCalls);

    /// <inheritdoc/>
    public void Complete(CompletionContext context)
    {
        Interlocked.Decrement(ref _openCalls);
        if (context.Error is HttpRequestException)
        {
            Volatile.Write(ref _lost, Stopwatch.GetTimestamp());
        }
    }

    private static string InUrl(string host) => host.Contains(':') && host[0] != '[' ? $"[{host}]" : host;
}
